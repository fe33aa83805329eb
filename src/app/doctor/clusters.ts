import { type Finding, failed, ok } from '#core/doctor/finding'
import type { TargetPattern } from '#core/policy/policy'
import type { Cluster } from '#core/ports/cluster'
import { matchesName } from '#core/request/selector'
import { defined } from '#core/util/defined'
import { admissionScope } from '#src/app/admission-objects'
import { clusterSettings } from '#src/app/cluster-settings'
import { findRefusedSets } from '#src/app/find-refused-sets'
import { createLogger } from '#src/app/logger'
import { toRules } from '#src/app/policy-file'
import type { Config } from '#src/config/load'
import { type ClusterOptions, kubernetesCluster } from '#src/kubernetes/cluster'
import { type ClusterDiagnosis, diagnoseCluster, type NodePlatform } from '#src/kubernetes/doctor/cluster'
import type { Role } from '#src/kubernetes/doctor/permissions'
import type { Platform } from '#src/registry/doctor'

export type ClusterAccess = {
  role: Role
  /** User whose rights are checked; left out, this account's. */
  asUser?: string
}

type ClusterConfig = Config['clusters'][number]

/** Checks one cluster of the configuration. */
export function diagnoseConfiguredCluster(
  config: Config,
  cluster: ClusterConfig,
  { role, asUser }: ClusterAccess,
): Promise<ClusterDiagnosis> {
  const { shell, policy } = config
  const { name, impersonate, admissionPolicy } = cluster
  const user = defined({ asUser })
  return diagnoseCluster({
    ...{ ...settingsFromHere(config, cluster), ...user, role, impersonate },
    execs: shell.keep > 0 || policy.sets.some(({ terminal }) => terminal !== undefined),
    pods: podNamespaces(config, name),
    settings: { uidRange: shell.uidRange !== undefined, masked: shell.masked },
    admission: {
      ...{ mode: admissionPolicy, scope: admissionScope(config, []) },
      async refusedSets() {
        const opened = openFromHere(config, cluster, { ...user, impersonate })
        try {
          return await findRefusedSets(opened, toRules(config))
        } finally {
          opened.close()
        }
      },
    },
  })
}

/** Opens a cluster as bot and workers do, without tracing. */
export function openFromHere(
  config: Config,
  cluster: ClusterConfig,
  account: Pick<ClusterOptions, 'asUser' | 'impersonate'>,
): Cluster {
  const given = { ...settingsFromHere(config, cluster), ...account }
  return kubernetesCluster({ ...given, log: createLogger('error'), span: (_id, _step, work) => work() })
}

/**
 * Returns the settings of a cluster. One that the program runs in is reached by the kubeconfig's current context from elsewhere,
 * where its owner looks after it.
 */
function settingsFromHere(config: Config, cluster: ClusterConfig) {
  const isInPod = process.env['KUBERNETES_SERVICE_HOST'] !== undefined
  return { ...clusterSettings(config, cluster), inCluster: cluster.inCluster && isInPod }
}

/** Returns the namespaces of pods for which there are grants in a cluster. */
function podNamespaces({ policy }: Config, cluster: string): { namespaces: readonly string[]; everywhere: boolean } {
  const patterns = policy.grants
    .flatMap(({ on }) => on)
    .filter((each): each is Extract<TargetPattern, { kind: 'pod' }> => each.kind === 'pod')
    .filter((each) => matchesName(each.cluster, cluster))
  const names = patterns.flatMap(({ namespaces }) => ('names' in namespaces ? namespaces.names : ['*']))
  return {
    namespaces: [...new Set(names.filter((each) => !each.includes('*')))],
    everywhere: names.some((each) => each.includes('*')),
  }
}

/** Checks that the image has a variant for each Linux node of a cluster. */
export function diagnosePlatforms(
  name: string,
  nodes: readonly NodePlatform[],
  platforms: readonly Platform[],
): Finding {
  const check = `cluster ${name} image platforms`
  const lacking = nodes.filter(
    ({ os, architecture }) => !platforms.some((each) => each.os === os && each.architecture === architecture),
  )
  if (lacking.length === 0) return ok(check, platforms.map((each) => `${each.os}/${each.architecture}`).join(', '))
  const named = lacking.slice(0, 5).map((each) => `${each.name} (${each.architecture})`)
  const mend = 'build the shell image for it (npm run image -- shell; shell-image/README.md), or grant other nodes only'
  return failed(check, `the shell image has no variant for ${named.join(', ')}`, mend)
}

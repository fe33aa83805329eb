import type { CapabilitySet } from '#core/policy/policy'
import type { Cluster } from '#core/ports/cluster'
import { configuredImage } from '#core/request/image'
import { type DebugSpec, runLabels } from '#core/runs/debug-spec'
import type { Rules } from '#src/bot/context'
import { messagePrefix } from '#src/kubernetes/admission/cel'
import { probeUser } from '#src/kubernetes/api/impersonation-headers'

/** Id of the run that dry runs are made for; no run has it. */
const probeRunId = 'policyprobes'

type WidthRules = Pick<Rules, 'policy' | 'defaults' | 'image'>

/**
 * Returns the sets that the admission policy in force in a cluster refuses, each with its reason: `retina.yaml` allows more than
 * the policy then. Asks by dry runs of debug pods that use all that a set gives; they need no right that a bot hasn't.
 */
export async function findRefusedSets(cluster: Pick<Cluster, 'dryRun'>, rules: WidthRules): Promise<string[]> {
  const by = { id: probeUser, groups: [] }
  // Side by side: readiness waits for all of them.
  const refused = await Promise.all(
    rules.policy.sets.map(async (set) => {
      const refusal = await cluster.dryRun({ id: probeRunId, spec: widestSpec(set, rules), by })
      const at = refusal?.lastIndexOf(messagePrefix) ?? -1
      return refusal === undefined || at === -1 ? [] : [`"${set.name}" (${refusal.slice(at + messagePrefix.length)})`]
    }),
  )
  return refused.flat()
}

/** Returns the spec of a debug pod with everything that a set gives. */
function widestSpec(set: CapabilitySet, { defaults, image }: WidthRules): DebugSpec {
  const isOff = (kind: 'apparmor' | 'seccomp') => (set.unconfined.includes(kind) ? 'unconfined' : 'default')
  return {
    image: configuredImage(image),
    pipeline: [['true']],
    target: { kind: 'node', cluster: '', name: 'policy-probe' },
    ...{ targetUid: '', node: 'policy-probe', capabilities: set.capabilities, host: set.host, user: 'root' },
    confinement: { apparmor: isOff('apparmor'), seccomp: isOff('seccomp') },
    ...{ startTimeout: defaults.startTimeout, deadline: set.maxDeadline, maxOutputBytes: defaults.maxOutputBytes },
    masked: set.host.filesystem === 'read-only' ? defaults.masked : [],
    namespace: defaults.namespace,
    labels: runLabels(probeRunId, 'policy-probe'),
    annotations: {},
  }
}

import type { CapabilitySet } from '#core/policy/policy'
import type { Cluster, DebugRun } from '#core/ports/cluster'
import { configuredImage } from '#core/request/image'
import { type DebugSpec, runLabels } from '#core/runs/debug-spec'
import { containerSeconds } from '#core/terminal/terminal-session'
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
      for (const widest of widestContainers(set, rules)) {
        const result = await cluster.dryRun({ id: probeRunId, ...widest, by })
        if (result.ok) continue
        const at = result.problem.lastIndexOf(messagePrefix)
        if (at !== -1) return [`"${set.name}" (${result.problem.slice(at + messagePrefix.length)})`]
      }
      return []
    }),
  )
  return refused.flat()
}

/** Returns the containers with everything that a set gives: of a run where it gives tools, of a session where it gives shells. */
function widestContainers(set: CapabilitySet, rules: WidthRules): Pick<DebugRun, 'spec' | 'session'>[] {
  const spec = widestSpec(set, rules)
  const { tools, terminal } = set
  return [
    ...(tools.length > 0 || terminal === undefined ? [{ spec }] : []),
    ...(terminal === undefined ? [] : [{ spec, session: { maxSeconds: containerSeconds(terminal.maxSession) } }]),
  ]
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

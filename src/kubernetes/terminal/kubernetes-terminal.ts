import { randomBytes } from 'node:crypto'
import type { SessionPlace, TerminalContainers, TerminalPort, TerminalWork } from '#core/ports/terminal'
import { installationLabel } from '#core/runs/debug-spec'
import { connect } from '#src/kubernetes/api/connection'
import type { ExecPlace } from '#src/kubernetes/api/exec'
import { createImpersonation } from '#src/kubernetes/api/impersonation'
import type { ClusterOptions } from '#src/kubernetes/cluster'
import { containerUserId } from '#src/kubernetes/workload/derive-user-id'
import { createWorkload } from '#src/kubernetes/workload/workload'
import { createSessionContainers } from './create-session-container.ts'
import { createTerminal } from './terminal.ts'
import { explainEnd } from './why-ended.ts'

/** Creates the sessions of one real cluster, and their containers. Throws when its kubeconfig can't be read. */
export function kubernetesTerminal(options: ClusterOptions): TerminalPort & TerminalContainers {
  const { containers, uidRange, namespace, userKey = randomBytes(32), impersonate = 'auto' } = options
  const connection = connect(options)
  const acting = createImpersonation(connection, impersonate, namespace)
  const ownLabels = async (): Promise<Record<string, string>> =>
    options.installation === undefined ? {} : { [installationLabel]: await options.installation() }
  const workloadOf = ({ id, spec, by, maxSeconds }: TerminalWork) =>
    createWorkload({
      ...{ connection, acting: () => acting.connectionFor({ id, by }), runId: id, spec, ownLabels },
      containerOptions: { ...containers, userId: containerUserId(userKey, id, uidRange), session: { maxSeconds } },
    })
  return {
    ...createSessionContainers({ cluster: options.name, connection, workloadOf }),
    ...createTerminal({
      explain: (place, error) => explainEnd(connection, place, error),
      async openExec(place: SessionPlace & ExecPlace, argv, { id, by }) {
        const used = by === undefined ? connection : await acting.connectionFor({ id, by })
        return used.openExec(place, argv, { stdin: true })
      },
    }),
  }
}

import type { V1Pod } from '@kubernetes/client-node'
import type { SessionPlace, TerminalContainers, TerminalWork } from '#core/ports/terminal'
import { describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { watchPod } from '#src/kubernetes/api/watch-pod'
import { containerState, refOf } from '#src/kubernetes/workload/container-state'
import { whyNotStarted } from '#src/kubernetes/workload/why-not-started'
import type { Workload } from '#src/kubernetes/workload/workload'
import { unsupportedMessage } from './session-exec-errors.ts'

export type SessionContainersOptions = {
  /** Name of the cluster in the configuration. */
  cluster: string
  connection: Connection
  /** Returns what creates and removes the container of one session. */
  workloadOf: (work: TerminalWork) => Workload
}

/** Exit code of a runner that doesn't know its flags. */
const unknownFlags = 2

/** Creates what makes and removes the containers of sessions in one cluster. */
export function createSessionContainers(options: SessionContainersOptions): TerminalContainers {
  const { connection, workloadOf } = options
  return {
    async create(work, signal) {
      const workload = workloadOf(work)
      const pod = await workload.begin().catch((error: unknown) => {
        throw new Error(describeError(error, work.by.id), { cause: error })
      })
      const waited = await waitUntilRunning({ connection, workload, work, pod, signal }).catch((error: unknown) =>
        notRunning(describeError(error, work.by.id)),
      )
      if (waited.ok) return placeOf(options.cluster, workload, pod)
      await workload.stop(pod).catch(() => undefined)
      throw new Error(waited.problem)
    },
    async remove(work) {
      const workload = workloadOf(work)
      const pod = await workload.find()
      if (pod === undefined || containerState(pod, workload.container).phase === 'terminated') {
        if (pod !== undefined && work.spec.target.kind === 'node') await workload.stop(pod)
        return
      }
      await workload.stop(pod)
    },
  }
}

function placeOf(cluster: string, { container }: Workload, pod: V1Pod): SessionPlace & { uid: string } {
  return { cluster, ...refOf(pod, container) }
}

type Waiting = {
  connection: Connection
  workload: Workload
  work: TerminalWork
  pod: V1Pod
  signal: AbortSignal
}

/** Whether a session's container runs; `problem`: why it doesn't, as a sentence. */
type Waited = { ok: true } | { ok: false; problem: string }

function notRunning(problem: string): Waited {
  return { ok: false, problem }
}

/** Waits for a session's container. */
async function waitUntilRunning({ connection, workload, work, pod, signal }: Waiting): Promise<Waited> {
  const { startTimeout } = work.spec
  const timeout = AbortSignal.timeout(startTimeout * 1_000)
  let newest = pod
  for await (const event of watchPod(connection, pod, AbortSignal.any([signal, timeout]))) {
    if (event.type === 'gone') return notRunning('its pod was deleted before the session started')
    newest = event.pod
    const state = containerState(newest, workload.container)
    if (state.phase === 'running') return { ok: true }
    if (state.phase === 'never') return notRunning(state.message)
    if (state.phase === 'terminated')
      return notRunning(
        state.exitCode === unknownFlags
          ? unsupportedMessage
          : `its container ended at once, with the exit code ${state.exitCode}`,
      )
  }
  if (signal.aborted) return notRunning('it was canceled before the session started')
  const why = await whyNotStarted(connection, newest, workload.container)
  return notRunning(`it did not start within ${startTimeout} s: ${why}`)
}

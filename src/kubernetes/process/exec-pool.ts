import type { Log } from '#core/ports/log'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { Session } from '#core/sessions/session'
import { describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import type { Exec } from '#src/kubernetes/api/exec'
import { execPoolCommand, spoolCommand } from '#src/kubernetes/workload/pod-spec'

/**
 * Execs that are opened in session containers before a run needs them: opening one is what a run would wait for
 * longest.
 */
export type ExecPool = {
  /** Closes all ready execs. */
  close: () => void
  /**
   * Opens an exec for a run of at most `deadline` seconds, unless the session has one for at least as many. Resolves
   * when it has ended. Never rejects, because a run opens its own exec where there is none.
   */
  open: (session: Session, deadline: number) => Promise<void>
  /** Begins a run with the session's ready exec; returns undefined where there is none for the run's deadline. */
  take: (session: Session, run: { runId: string; key: Buffer; spec: DebugSpec }) => Exec | undefined
}

/** Maximum of ready execs in one cluster; beyond it the oldest is closed. */
const maxReadyExecs = 100

type ReadyExec = { exec: Exec; deadline: number }

export function createExecPool(connection: Connection, log: Log): ExecPool {
  const execs = new Map<string, ReadyExec | 'opening'>()
  const closeOldest = (maxExecs: number) => {
    for (const [key, ready] of execs) {
      if (execs.size <= maxExecs) return
      if (ready === 'opening') continue
      execs.delete(key)
      ready.exec.close()
    }
  }
  return {
    close: () => closeOldest(0),
    async open(session, deadline) {
      const key = keyOf(session)
      const existing = execs.get(key)
      if (existing === 'opening' || (existing !== undefined && existing.deadline >= deadline)) return
      existing?.exec.close()
      execs.set(key, 'opening')
      try {
        const exec = await connection.openExec(session, execPoolCommand(deadline), { stdin: true })
        // An exec that waits for a run must not keep this process from exiting.
        exec.hold(false)
        const ready = { exec, deadline }
        execs.set(key, ready)
        closeOldest(maxReadyExecs)
        await exec.ended
        if (execs.get(key) === ready) execs.delete(key)
      } catch (error) {
        execs.delete(key)
        log.debug({ run: session.run, error: describeError(error) }, 'no exec could be opened in advance')
      }
    },
    take(session, { runId, key: frameKey, spec }) {
      const key = keyOf(session)
      const ready = execs.get(key)
      if (ready === undefined || ready === 'opening' || ready.deadline < spec.deadline) return undefined
      execs.delete(key)
      const { exec } = ready
      exec.hold(true)
      const command = { words: spoolCommand(runId, spec).slice(1), key: frameKey.toString('base64') }
      exec.write(`${JSON.stringify(command)}\n`)
      return exec
    },
  }
}

function keyOf({ namespace, pod, uid, container }: Session): string {
  return [namespace, pod, uid, container].join('/')
}

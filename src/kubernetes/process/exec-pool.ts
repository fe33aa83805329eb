import type { Log } from '#core/ports/log'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { Session } from '#core/sessions/session'
import { describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import type { Exec } from '#src/kubernetes/api/exec'
import { execPoolCommand, spoolCommand } from '#src/kubernetes/workload/pod-spec'

/** Execs that stand open in containers that are ready: what the next run there would wait for longest is done before it comes. */
export type ExecPool = {
  /** Ends all that stand. */
  close: () => void
  /**
   * Opens one, for a run of at most this deadline (seconds), where none stands. Resolves when it has ended; never rejects, as without it
   * a run makes its own.
   */
  open: (session: Session, deadline: number) => Promise<void>
  /** Begins a run by the one that stands there; undefined where none does that may. */
  take: (session: Session, runId: string, spec: DebugSpec) => Exec | undefined
}

/** How many stand in one cluster at the same time; the oldest makes room. */
const most = 100

type Ready = { exec: Exec; deadline: number }

export function createExecPool(connection: Connection, log: Log): ExecPool {
  const standing = new Map<string, Ready | 'opening'>()
  const closeAllBut = (kept: number) => {
    for (const [key, ready] of standing) {
      if (standing.size <= kept) return
      if (ready === 'opening') continue
      standing.delete(key)
      ready.exec.close()
    }
  }
  return {
    close: () => closeAllBut(0),
    async open(session, deadline) {
      const key = keyOf(session)
      const before = standing.get(key)
      if (before === 'opening' || (before !== undefined && before.deadline >= deadline)) return
      before?.exec.close()
      standing.set(key, 'opening')
      try {
        const exec = await connection.openExec(session, execPoolCommand(deadline), { stdin: true })
        // What only waits doesn't keep the program from stopping.
        exec.hold(false)
        const ready = { exec, deadline }
        standing.set(key, ready)
        closeAllBut(most)
        await exec.ended
        if (standing.get(key) === ready) standing.delete(key)
      } catch (error) {
        standing.delete(key)
        log.debug({ run: session.run, error: describeError(error) }, 'no exec could be held ready')
      }
    },
    take(session, runId, spec) {
      const key = keyOf(session)
      const ready = standing.get(key)
      if (ready === undefined || ready === 'opening' || ready.deadline < spec.deadline) return undefined
      standing.delete(key)
      const { exec } = ready
      exec.hold(true)
      exec.write(`${JSON.stringify(spoolCommand(runId, spec).slice(1))}\n`)
      return exec
    },
  }
}

function keyOf({ namespace, pod, uid, container }: Session): string {
  return [namespace, pod, uid, container].join('/')
}

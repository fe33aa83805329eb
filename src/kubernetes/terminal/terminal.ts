import type { SessionKey, SessionPlace, TerminalEvent, TerminalPort } from '#core/ports/terminal'
import type { Exec, ExecPlace } from '#src/kubernetes/api/exec'
import { linesOf } from '#src/kubernetes/api/lines'
import { attachShell } from './attached-shell.ts'
import { attachCommand, sessionCommand } from './session-argv.ts'
import { openingError, sessionError } from './session-exec-errors.ts'

export type TerminalOptions = {
  /** Executes a program with standard input in a container, for a session. Rejects as `openExec` does. */
  openExec: (place: SessionPlace & ExecPlace, argv: readonly string[], session: SessionKey) => Promise<Exec>
  /** Returns an error with what the cluster says about the container in place of what the connection's end says. */
  explain: (place: SessionPlace, error: unknown) => Promise<unknown>
}

/** Time in milliseconds within which a session has to be started. */
const startTimeoutMs = 20_000

/** Creates the port of sessions in containers of clusters: each start and each connection is an exec of the runner. */
export function createTerminal({ openExec, explain }: TerminalOptions): TerminalPort {
  const open = async (place: SessionPlace, argv: readonly string[], session: SessionKey) => {
    try {
      return await openExec(place, argv, session)
    } catch (error) {
      throw openingError(error, session.by?.id ?? '')
    }
  }
  const explained = async <T>(place: SessionPlace, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw await explain(place, error)
    }
  }
  async function* explainedEvents(place: SessionPlace, events: AsyncIterable<TerminalEvent>) {
    try {
      yield* events
    } catch (error) {
      throw await explain(place, error)
    }
  }
  const start: TerminalPort['start'] = async (place, session) => {
    const exec = await open(place, sessionCommand(session), session)
    const timer = setTimeout(exec.close, startTimeoutMs)
    try {
      exec.write(`${Buffer.from(session.keyHex, 'hex').toString('base64')}\n`)
      for await (const line of linesOf(exec.stdout)) if (line === `b ${session.id}`) return
      throw sessionError(await exec.ended)
    } finally {
      clearTimeout(timer)
      exec.close()
    }
  }
  return {
    start: (place, session) => explained(place, () => start(place, session)),
    attach: (place, session) =>
      explained(place, async () => {
        const exec = await open(place, attachCommand(session.id), session)
        const key = Buffer.from(session.keyHex, 'hex')
        const shell = await attachShell(exec, { id: session.id, key, from: session.from })
        return { ...shell, events: explainedEvents(place, shell.events) }
      }),
  }
}

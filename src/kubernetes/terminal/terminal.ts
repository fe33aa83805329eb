import type { SessionKey, SessionPlace, TerminalPort } from '#core/ports/terminal'
import type { Exec, ExecPlace } from '#src/kubernetes/api/exec'
import { linesOf } from '#src/kubernetes/api/lines'
import { attachShell } from './attached-shell.ts'
import { attachCommand, sessionCommand } from './session-commands.ts'
import { openingError, sessionError } from './session-connection.ts'

export type TerminalOptions = {
  /** Executes a program with standard input in a container, for a session. Rejects as `openExec` does. */
  openExec: (place: SessionPlace & ExecPlace, argv: readonly string[], session: SessionKey) => Promise<Exec>
}

/** Time in milliseconds within which a session has to be started. */
const startTimeoutMs = 20_000

/** Creates the port of sessions in containers of clusters: each start and each connection is an exec of the runner. */
export function createTerminal({ openExec }: TerminalOptions): TerminalPort {
  const open = async (place: SessionPlace, argv: readonly string[], session: SessionKey) => {
    try {
      return await openExec(place, argv, session)
    } catch (error) {
      throw openingError(error, session.by?.id ?? '')
    }
  }
  return {
    async start(place, session) {
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
    },
    async attach(place, session) {
      const exec = await open(place, attachCommand(session.id), session)
      return attachShell(exec, { id: session.id, key: Buffer.from(session.keyHex, 'hex'), from: session.from })
    },
  }
}

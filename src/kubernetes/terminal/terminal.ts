import type { SessionPlace, TerminalPort } from '#core/ports/terminal'
import type { Exec, ExecPlace } from '#src/kubernetes/api/exec'
import { linesOf } from '#src/kubernetes/api/lines'
import { attachShell } from './attached-shell.ts'
import { attachCommand, sessionCommand } from './session-commands.ts'
import { openingError, sessionError } from './session-connection.ts'

export type TerminalOptions = {
  /** Executes a program with standard input in a container. Rejects as `openExec` does. */
  openExec: (place: SessionPlace & ExecPlace, argv: readonly string[]) => Promise<Exec>
  /** Id of the person for whom execs are opened, for messages; left out, nobody. */
  person?: string
}

/** Time in milliseconds within which a session has to be started. */
const startTimeoutMs = 20_000

/** Creates the port of sessions in containers of clusters: each start and each connection is an exec of the runner. */
export function createTerminal({ openExec, person = '' }: TerminalOptions): TerminalPort {
  const open = async (place: SessionPlace, argv: readonly string[]) => {
    try {
      return await openExec(place, argv)
    } catch (error) {
      throw openingError(error, person)
    }
  }
  return {
    async start(place, session) {
      const exec = await open(place, sessionCommand(session))
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
    async attach(place, { id, keyHex, from }) {
      return attachShell(await open(place, attachCommand(id)), { id, key: Buffer.from(keyHex, 'hex'), from })
    },
  }
}

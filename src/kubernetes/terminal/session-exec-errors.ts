import { TerminalConnectionError } from '#core/ports/terminal'
import { type Exec, type ExecEnd, ExecRefused } from '#src/kubernetes/api/exec'
import { isGoneMessage, whyNotConnected } from '#src/kubernetes/process/exec-end'

/** Exit codes of the runner's `--attach` and `--session`. */
const noSuchSession = 3
const sessionKilled = 4
const notHeld = 6

/** What an image is told whose runner is missing, or older than sessions. */
export const unsupportedMessage =
  'the shell image of this container has no runner that knows sessions: build the shell image of this version and name it as `shell.image` in retina.yaml'

/** Waits for the end of an exec whose output has ended, and returns the error that says why. */
export async function connectionLost(exec: Exec): Promise<TerminalConnectionError> {
  return sessionError(await exec.ended)
}

/** Explains the end of an exec that began or joined a session. */
export function sessionError({ stderr, status, broken }: ExecEnd): TerminalConnectionError {
  const { exitCode, message = '' } = status ?? {}
  if (exitCode === noSuchSession)
    return new TerminalConnectionError('gone', 'the session is not in its container any more: start a new one')
  if (exitCode === sessionKilled)
    return new TerminalConnectionError('gone', 'the session was killed from outside: start a new one')
  if (exitCode === notHeld)
    return new TerminalConnectionError(
      'refused',
      'this container was made for something else: start a session of its own',
    )
  if (isUnsupported(`${stderr}\n${message}`)) return new TerminalConnectionError('unsupported', unsupportedMessage)
  if (status !== undefined && exitCode === undefined && isGoneMessage(message))
    return new TerminalConnectionError('gone', `the session’s container has ended (${message}): start a new session`)
  const said = stderr.trim() || broken || (exitCode === undefined ? message : '')
  return new TerminalConnectionError(
    'lost',
    `the connection to the session broke${said === '' ? '' : ` (${said})`}: attach again`,
  )
}

/** Statuses with which an API server refuses an account or, as admission policies do, a command. */
const refusalCodes: ReadonlySet<number> = new Set([401, 403, 422])

const noWebSockets =
  'the API server, or a proxy before it, takes no WebSockets for commands in containers: shells need Kubernetes 1.30 or later, and a way that passes WebSockets on'

/** Explains why an exec for a session couldn't be opened. `person`: id of the person for whom it was. */
export function openingError(error: unknown, person: string): TerminalConnectionError {
  if (error instanceof TerminalConnectionError) return error
  const { final, message } = whyNotConnected(error, person)
  if (isUnsupported(message)) return new TerminalConnectionError('unsupported', unsupportedMessage)
  if (error instanceof ExecRefused && refusalCodes.has(error.code))
    return new TerminalConnectionError('refused', `the cluster refuses it: ${message}`)
  // What an API server says that takes execs by SPDY alone.
  if (error instanceof ExecRefused && /unable to upgrade|unsupported protocol/i.test(message))
    return new TerminalConnectionError('refused', `${noWebSockets} (${message})`)
  return final
    ? new TerminalConnectionError('gone', `the session’s container has ended (${message}): start a new session`)
    : new TerminalConnectionError('lost', `the session’s container can’t be reached (${message})`)
}

/** Recognizes a missing runner, and one that doesn't know the flags of sessions. */
function isUnsupported(text: string): boolean {
  return (
    /flag provided but not defined: -(session|attach|hold)/.test(text) ||
    (text.includes('retina-run') && /no such file or directory|executable file not found/.test(text))
  )
}

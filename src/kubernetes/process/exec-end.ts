import { describeError } from '#src/kubernetes/api/api-error'
import { type ExecEnd, ExecRefused } from '#src/kubernetes/api/exec'

/** Reason why an exec ended without the last frame of the run that it began or followed. */
export type Lost = {
  /** True where a retry is useless: the container, the run or the permission doesn't exist. */
  final: boolean
  /** True where it is unknown whether the program has begun. */
  perhaps: boolean
  message: string
}

/** Meanings of the exit codes of the runner's --follow. */
const runnerExits: Readonly<Record<number, string>> = {
  3: 'the run was not found in its container',
  4: 'the tool was killed from outside',
}

const goneMessages = /container not found|not created|not running|stopped container|failed to exec in container/

const unknownYet = /^pod does not exist/

/** Returns true for a message of the API server or the kubelet that a container has ended or never was. */
export function isGoneMessage(message: string): boolean {
  return goneMessages.test(message)
}

/** Explains the end of an exec that was connected. */
export function whyExecEnded({ stderr, status, broken }: ExecEnd): Lost {
  const runnerMessage = status?.exitCode === undefined ? undefined : runnerExits[status.exitCode]
  if (runnerMessage !== undefined) return { final: true, perhaps: false, message: runnerMessage }
  if (status !== undefined && status.exitCode === undefined)
    return { final: goneMessages.test(status.message), perhaps: false, message: status.message }
  return { final: false, perhaps: true, message: stderr.trim() || broken || 'the connection to its container broke' }
}

/** Explains why an exec could not be connected. `person`: id of the person for whom it was opened. */
export function whyNotConnected(error: unknown, person: string): Lost {
  if (!(error instanceof ExecRefused)) return { final: false, perhaps: true, message: describeError(error, person) }
  const { code, message } = error
  // A kubelet that has just started says so of pods that it has yet to hear of; the API server's own words are others.
  if (code === 404 && unknownYet.test(message)) return { final: false, perhaps: false, message }
  const isGone = code === 404 || code === 400 || goneMessages.test(message)
  return { final: isGone || code === 401 || code === 403, perhaps: false, message }
}

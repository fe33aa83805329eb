import { describeError } from '#src/kubernetes/api/api-error'
import { type ExecEnd, ExecRefused } from '#src/kubernetes/api/exec'

/** What an exec's end says of the run that it began or followed, where the run's own last frame didn't come by it. */
export type Lost = {
  /** True where going on makes no sense: container, run or right aren't there. */
  final: boolean
  /** True where the program may have begun, for all that is known. */
  perhaps: boolean
  message: string
}

/** What the runner's --follow ends with. */
const runnerExits: Readonly<Record<number, string>> = {
  3: 'no trace of it was found in its container',
  4: 'the tool was killed from outside',
}

const goneMessages = /container not found|not created|not running|stopped container|failed to exec in container/

/** Of one that was connected. */
export function whyExecEnded({ stderr, status, broken }: ExecEnd): Lost {
  const said = status?.exitCode === undefined ? undefined : runnerExits[status.exitCode]
  if (said !== undefined) return { final: true, perhaps: false, message: said }
  if (status !== undefined && status.exitCode === undefined)
    return { final: goneMessages.test(status.message), perhaps: false, message: status.message }
  return { final: false, perhaps: true, message: stderr.trim() || broken || 'the connection to its container broke' }
}

/** Of one that wasn't. */
export function whyNotConnected(error: unknown, person: string): Lost {
  if (!(error instanceof ExecRefused)) return { final: false, perhaps: true, message: describeError(error, person) }
  const { code, message } = error
  const gone = code === 404 || code === 400 || goneMessages.test(message)
  return { final: gone || code === 401 || code === 403, perhaps: false, message }
}

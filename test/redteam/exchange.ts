import { connect } from 'node:net'
import type { Steps } from './hostile-requests.ts'

/** What a connection got: the statuses of all answers in their order, and whether the server closed it. */
export type Exchanged = { statuses: readonly number[]; closed: boolean; text: string }

/** Milliseconds after the last step for which an answer is waited for. */
const lastWaitMs = 5_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Takes the steps over one TCP connection; a negative number ends the connection at once. */
export async function exchange(port: number, steps: Steps): Promise<Exchanged> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let closed = false
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  socket.on('error', () => undefined)
  const end = new Promise<void>((resolve) => {
    socket.once('close', () => {
      closed = true
      resolve()
    })
  })
  const answered = () => statusesOf(text).length > 0
  for (const step of steps) {
    if (closed || answered()) break
    if (typeof step === 'string') socket.write(Buffer.from(step, 'latin1'))
    else if (step < 0) socket.destroy()
    else await Promise.race([pause(step), end])
  }
  for (let waited = 0; waited < lastWaitMs && !closed && !answered(); waited += 20) await Promise.race([pause(20), end])
  // Takes what comes after the first answer too.
  await Promise.race([pause(30), end])
  socket.destroy()
  return { statuses: statusesOf(text), closed, text }
}

function statusesOf(text: string): number[] {
  return [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)]
    .map(([, status]) => Number(status))
    .filter((status) => status >= 200)
}

/** Returns what was wrong with an answer; undefined where it is as it should be. */
export function wrongWith(
  { statuses, closed }: Exchanged,
  verdict: 'refused' | 'served' | 'survived',
): string | undefined {
  const [first] = statuses
  if (first === undefined) {
    if (!closed) return 'neither answered nor closed'
    return verdict === 'served' ? 'closed without an answer' : undefined
  }
  const isRefused = first >= 400 && first < 500
  const isServed = first < 300
  const isRight = verdict === 'survived' ? isRefused || isServed : verdict === 'refused' ? isRefused : isServed
  return isRight ? undefined : `answered ${first}`
}

import type { V1Pod } from '@kubernetes/client-node'
import type { OutputChunk, OutputPoint } from '#core/output/transcript-state'
import { delay } from '#core/util/delay'
import type { FrameReader } from '#src/kubernetes/process/runner-frames'
import type { Connection } from './connection.ts'
import { lineBatches } from './lines.ts'

const firstPause = 100
const longestPause = 3_000

/**
 * Milliseconds before the last piece's own time from which a log is read again. The log's times are of the same clock, and a
 * little later than the pieces'; the rest is for a clock that is set back meanwhile.
 */
const overlap = 5_000

/**
 * Yields the output in a container's log, from the position of `frames` on, until the runner's last frame or until `signal` aborts.
 * After a cut, and where a piece is missing (a rotation can remove one before it is read), reads only the newest part of the log
 * again; where the piece is missing there too, or nothing new is found, reads all of it; after that the piece is lost. Recognises
 * what was read before by its number. Never rejects: passes errors of a log that doesn't exist yet, is cut or gone to `trouble`, and tries again.
 */
export async function* followLog(
  connection: Connection,
  place: { pod: V1Pod; container: string },
  frames: FrameReader,
  signal: AbortSignal,
  trouble: (error: unknown) => void,
): AsyncGenerator<OutputChunk> {
  const { namespace = '', name = '' } = place.pod.metadata ?? {}
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`
  const basic = { container: place.container, follow: 'true' }
  let since = sinceOf(frames.point())
  let missing: number | undefined
  for (let pause = firstPause; !signal.aborted; pause = Math.min(pause * 2, longestPause)) {
    const before = frames.point()?.next ?? 0
    const isLost = () => since === undefined && missing === (frames.point()?.next ?? 0)
    let outcome: 'unopened' | Outcome = 'unopened'
    try {
      const query = since === undefined ? basic : { ...basic, sinceTime: since }
      const body = await connection.stream(path, query, signal)
      outcome = 'cut'
      outcome = yield* readLog(body, frames, isLost)
    } catch (error) {
      if (!signal.aborted) trouble(error)
    }
    if (outcome === 'over') return
    const next = frames.point()?.next ?? 0
    const progress = next > before
    if (outcome !== 'unopened') since = progress ? sinceOf(frames.point()) : undefined
    if (outcome === 'gap') missing = next
    if (progress) pause = firstPause
    if (outcome !== 'gap') await delay(pause, signal)
  }
}

/** How reading a log ended: with the runner's last frame, at a missing piece, or without either. */
type Outcome = 'over' | 'gap' | 'cut'

/** Reads an opened log. `isLost`: whether a piece that is missing now is given up. */
async function* readLog(
  body: Parameters<typeof lineBatches>[0],
  frames: FrameReader,
  isLost: () => boolean,
): AsyncGenerator<OutputChunk, Outcome> {
  for await (const lines of lineBatches(body)) {
    const read = frames.read(lines, isLost())
    yield* read.chunks
    if (frames.trailer() !== undefined) return 'over'
    if (read.gap) return 'gap'
  }
  return 'cut'
}

/** As Kubernetes takes it: RFC 3339, whole seconds. */
function sinceOf(point: OutputPoint | undefined): string | undefined {
  if (point === undefined) return undefined
  return `${new Date(Date.parse(point.at) - overlap).toISOString().slice(0, 19)}Z`
}

import { createHash } from 'node:crypto'
import type { OutputChunk, OutputPoint, StreamPoint } from '#core/output/stored-output'

/** The runner's last word; see shell-image/runner. */
export type Trailer = {
  why: 'ended' | 'deadline' | 'output-limit' | 'stopped'
  exit: number
  stages: readonly number[]
  frames: number
  stdout: { bytes: number; sha256: string }
  stderr: { bytes: number; sha256: string }
}

export type FrameReader = {
  /**
   * Takes lines of the container's log; answers what is new in them. `isLost`: what is missing is nowhere else to be had. Else
   * `gap` is true where something is, and nothing after it is taken.
   */
  read: (lines: readonly string[], isLost: boolean) => { chunks: OutputChunk[]; gap: boolean }
  /** Where reading stands; undefined when nothing was read. */
  point: () => OutputPoint | undefined
  trailer: () => Trailer | undefined
  /** Why what was read isn't proven to be all; undefined when it is. */
  gap: () => string | undefined
  /** Lines that weren't the runner's: what else wrote into the log. */
  strange: () => string
}

const streams = { o: 'stdout', e: 'stderr' } as const

/**
 * Reads the runner's frames from a log that may repeat or lose lines (kubelet rotates it, connections break), and
 * compares the end's byte counts and SHA-256 with what was read. Goes on `from` where another reader was cut off: what is before
 * it isn't hashed again. Then the pieces' numbers and the byte counts prove that none is missing and none came twice, each
 * reader having read its own over TLS; that none was changed on the way, a hash of all of it would prove.
 */
export function frameReader(from?: OutputPoint): FrameReader {
  const seen = { stdout: streamReader(from?.stdout), stderr: streamReader(from?.stderr) }
  let next = from?.next ?? 0
  let at = from?.at
  let lost = 0
  let trailer: Trailer | undefined
  const strange: string[] = []
  const point = () =>
    at === undefined ? undefined : { next, at, stdout: seen.stdout.point(), stderr: seen.stderr.point() }

  return {
    read(lines, isLost) {
      const chunks: OutputChunk[] = []
      let open: { stream: OutputChunk['stream']; parts: Buffer[] } | undefined
      const close = () => {
        const text = open === undefined ? '' : seen[open.stream].take(open.parts)
        const upTo = point()
        if (open !== undefined && text !== '' && upTo !== undefined)
          chunks.push({ seq: next - 1, stream: open.stream, at: upTo.at, text, upTo })
        open = undefined
      }
      for (const line of lines) {
        const frame = frameOf(line)
        const end = line.startsWith('x ') ? (JSON.parse(line.slice(2)) as Trailer) : undefined
        if ((end?.frames ?? frame?.seq ?? 0) > next && !isLost) {
          close()
          return { chunks, gap: true }
        }
        trailer ??= end
        if (frame === undefined && end === undefined && line !== '' && strange.length < 20)
          strange.push(line.slice(0, 500))
        if (frame === undefined || frame.seq < next) continue
        if (open?.stream !== frame.stream) close()
        lost += frame.seq - next
        next = frame.seq + 1
        at = new Date(frame.milliseconds).toISOString()
        open ??= { stream: frame.stream, parts: [] }
        open.parts.push(Buffer.from(frame.data, 'base64'))
      }
      close()
      return { chunks, gap: false }
    },
    point,
    trailer: () => trailer,
    gap() {
      if (trailer === undefined) return 'the end of the output was not received'
      if (lost > 0 || next !== trailer.frames)
        return `${lost + trailer.frames - next} pieces of the output were lost on the way`
      for (const stream of ['stdout', 'stderr'] as const)
        if (!seen[stream].is(trailer[stream])) return `${stream} differs from what the tool wrote`
      return undefined
    },
    strange: () => strange.join('\n'),
  }
}

type Frame = { stream: OutputChunk['stream']; seq: number; milliseconds: number; data: string }

/** Undefined for a line that isn't a piece of output. */
function frameOf(line: string): Frame | undefined {
  const kind = line[0]
  if ((kind !== 'o' && kind !== 'e') || line[1] !== ' ') return undefined
  const seqEnd = line.indexOf(' ', 2)
  const timeEnd = line.indexOf(' ', seqEnd + 1)
  if (seqEnd === -1 || timeEnd === -1) return undefined
  const numbers = { seq: Number(line.slice(2, seqEnd)), milliseconds: Number(line.slice(seqEnd + 1, timeEnd)) }
  if (!Number.isInteger(numbers.seq) || !Number.isInteger(numbers.milliseconds)) return undefined
  return { stream: streams[kind], ...numbers, data: line.slice(timeEnd + 1) }
}

/** Counts, hashes and decodes one stream's bytes; a character whose bytes come in two pieces comes out whole. */
function streamReader(from?: StreamPoint) {
  const hash = from === undefined ? createHash('sha256') : undefined
  let bytes = from?.bytes ?? 0
  let rest = Buffer.from(from?.rest ?? '', 'base64')
  return {
    take(parts: readonly Buffer[]): string {
      const all = Buffer.concat([rest, ...parts])
      const fresh = all.subarray(rest.length)
      bytes += fresh.length
      hash?.update(fresh)
      const end = all.length - bytesOfCutCharacter(all)
      rest = Buffer.from(all.subarray(end))
      return all.toString('utf8', 0, end)
    },
    point: (): StreamPoint => ({ bytes, rest: rest.toString('base64') }),
    is: (end: Trailer['stdout']) =>
      bytes === end.bytes && (hash === undefined || hash.copy().digest('hex') === end.sha256),
  }
}

/** How many bytes at the end begin a UTF-8 character that isn't there to its end. */
function bytesOfCutCharacter(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const [first = 0, second] = bytes.subarray(bytes.length - back)
    if (first < 0x80) return 0
    if (first < 0xc0) continue
    const length = first < 0xc2 || first > 0xf4 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    return length > back && (second === undefined || mayFollow(first, second)) ? back : 0
  }
  return 0
}

/** Unicode, table 3-7: what else follows is no character, and its bytes need not wait for more. */
function mayFollow(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0
  if (first === 0xed) return second <= 0x9f
  if (first === 0xf0) return second >= 0x90
  return first !== 0xf4 || second <= 0x8f
}

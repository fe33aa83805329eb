import { createHash, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import type { OutputChunk, OutputPoint, StreamPoint } from '#core/output/transcript-state'
import { parseJson, toRecord } from '#core/util/json'
import { count } from '#core/util/units'

/** Last frame of the runner; see shell-image/runner. */
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
   * Reads lines of the container's log and returns the output that is new in them. `isLost`: missing frames are given
   * up, because no other source has them. Otherwise reading stops at the first missing frame, and `gap` is true.
   */
  read: (lines: readonly string[], isLost: boolean) => { chunks: OutputChunk[]; gap: boolean }
  /** Returns the point up to which the output was read; undefined when nothing was read. */
  point: () => OutputPoint | undefined
  trailer: () => Trailer | undefined
  /** Returns why the output isn't proven to be complete; undefined when it is. */
  gap: () => string | undefined
  /**
   * Returns lines that something other than the runner wrote into the log: at most 20, of 500 characters each, and each once, because a
   * log is read several times.
   */
  strange: () => string
}

const streams = { o: 'stdout', e: 'stderr' } as const

/** Bytes of a frame's MAC. */
const macBytes = 16

/** What verifies the frames of a run that began by exec: the tool can write to the file in which they are. */
export type FrameKey = {
  runId: string
  /** Keys of which each is accepted: another process may have begun the run with another one. */
  keys: readonly Buffer[]
}

/**
 * Creates what returns a frame without its MAC; undefined where the MAC isn't valid. Without a key all lines count as they are.
 * Source: shell-image/runner, signature.go.
 */
function createVerifier(frameKey: FrameKey | undefined): (line: string) => string | undefined {
  if (frameKey === undefined) return (line) => line
  const keys = frameKey.keys.map((each) => createSecretKey(each))
  return (line) => {
    const separatorIndex = line.lastIndexOf(' ')
    const frame = line.slice(0, separatorIndex)
    const given = Buffer.from(line.slice(separatorIndex + 1), 'base64')
    const isValid = keys.some((key) => {
      const right = createHmac('sha256', key).update(`${frameKey.runId}\n${frame}`).digest().subarray(0, macBytes)
      return given.length === right.length && timingSafeEqual(given, right)
    })
    return isValid ? frame : undefined
  }
}

/**
 * Reads the runner's frames from a log that may repeat or lose lines (kubelet rotates it, connections break), and
 * compares the last frame's byte counts and SHA-256 with what was read. Continues at `from`, where another reader was
 * interrupted: output before it isn't hashed again. Then the frames' numbers and the byte counts prove that no frame is
 * missing or duplicated, each reader having read its own over TLS; only a hash of the whole output would prove that no
 * frame was changed in transit. With `frameKey`, lines without a valid MAC are nothing that the runner wrote.
 */
export function frameReader(from?: OutputPoint, frameKey?: FrameKey): FrameReader {
  const verify = createVerifier(frameKey)
  const readers = { stdout: createStreamReader(from?.stdout), stderr: createStreamReader(from?.stderr) }
  let next = from?.next ?? 0
  let at = from?.at
  let lost = 0
  let trailer: Trailer | undefined
  const foreignLines = new Set<string>()
  const point = () =>
    at === undefined ? undefined : { next, at, stdout: readers.stdout.point(), stderr: readers.stderr.point() }

  return {
    read(lines, isLost) {
      const chunks: OutputChunk[] = []
      let open: { stream: OutputChunk['stream']; parts: Buffer[] } | undefined
      const closeChunk = () => {
        const text = open === undefined ? '' : readers[open.stream].take(open.parts)
        const upTo = point()
        if (open !== undefined && text !== '' && upTo !== undefined)
          chunks.push({ seq: next - 1, stream: open.stream, at: upTo.at, text, upTo })
        open = undefined
      }
      for (const line of lines) {
        const own = verify(line) ?? ''
        const frame = parseFrame(own)
        const end = parseTrailer(own)
        if ((end?.frames ?? frame?.seq ?? 0) > next && !isLost) {
          closeChunk()
          return { chunks, gap: true }
        }
        trailer ??= end
        if (frame === undefined && end === undefined && line !== '' && foreignLines.size < 20)
          foreignLines.add(line.slice(0, 500))
        if (frame === undefined || frame.seq < next) continue
        if (open?.stream !== frame.stream) closeChunk()
        lost += frame.seq - next
        next = frame.seq + 1
        at = new Date(frame.milliseconds).toISOString()
        open ??= { stream: frame.stream, parts: [] }
        open.parts.push(Buffer.from(frame.data, 'base64'))
      }
      closeChunk()
      return { chunks, gap: false }
    },
    point,
    trailer: () => trailer,
    gap() {
      if (trailer === undefined) return 'the end of the output was not received'
      if (lost > 0 || next !== trailer.frames)
        return `part of the output was lost (${count(lost + trailer.frames - next, 'piece')})`
      for (const stream of ['stdout', 'stderr'] as const)
        if (!readers[stream].is(trailer[stream])) return `${stream} differs from what the tool wrote`
      return undefined
    },
    strange: () => [...foreignLines].join('\n'),
  }
}

type Frame = { stream: OutputChunk['stream']; seq: number; milliseconds: number; data: string }

/** Parses the last frame; returns undefined for any other line. Something else than the runner may have written it. */
function parseTrailer(line: string): Trailer | undefined {
  if (!line.startsWith('x ') || line.length > maxTrailerChars) return undefined
  const trailer: Partial<Trailer> = toRecord(parseJson(line.slice(2)))
  const isWhole = typeof trailer.frames === 'number' && isSum(trailer.stdout) && isSum(trailer.stderr)
  return isWhole ? (trailer as Trailer) : undefined
}

/** Maximum length of the last frame, in characters: it has one number for each stage. */
const maxTrailerChars = 10_000

function isSum(sum: Partial<Trailer['stdout']> | undefined): boolean {
  return typeof sum?.bytes === 'number' && typeof sum.sha256 === 'string'
}

/** Maximum of a time in milliseconds. Source: ECMA-262, "Time Values and Time Range". */
const maxTimeMs = 8.64e15

/** Parses a frame of output; returns undefined for any other line. */
function parseFrame(line: string): Frame | undefined {
  const kind = line[0]
  if ((kind !== 'o' && kind !== 'e') || line[1] !== ' ') return undefined
  const seqEnd = line.indexOf(' ', 2)
  const timeEnd = line.indexOf(' ', seqEnd + 1)
  if (seqEnd === -1 || timeEnd === -1) return undefined
  const numbers = { seq: Number(line.slice(2, seqEnd)), milliseconds: Number(line.slice(seqEnd + 1, timeEnd)) }
  if (!Number.isSafeInteger(numbers.seq) || numbers.seq < 0 || !isTime(numbers.milliseconds)) return undefined
  return { stream: streams[kind], ...numbers, data: line.slice(timeEnd + 1) }
}

function isTime(milliseconds: number): boolean {
  return Number.isInteger(milliseconds) && Math.abs(milliseconds) <= maxTimeMs
}

/**
 * Counts, hashes and decodes one stream's bytes; a character whose bytes are split between two frames is decoded whole.
 */
function createStreamReader(from?: StreamPoint) {
  const hash = from === undefined ? createHash('sha256') : undefined
  let bytes = from?.bytes ?? 0
  let rest = Buffer.from(from?.rest ?? '', 'base64')
  return {
    take(parts: readonly Buffer[]): string {
      const all = Buffer.concat([rest, ...parts])
      const added = all.subarray(rest.length)
      bytes += added.length
      hash?.update(added)
      const end = all.length - countCutBytes(all)
      rest = Buffer.from(all.subarray(end))
      return all.toString('utf8', 0, end)
    },
    point: (): StreamPoint => ({ bytes, rest: rest.toString('base64') }),
    is: (end: Trailer['stdout']) =>
      bytes === end.bytes && (hash === undefined || hash.copy().digest('hex') === end.sha256),
  }
}

/** Returns the number of bytes at the end that begin an incomplete UTF-8 character. */
function countCutBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const [first = 0, second] = bytes.subarray(bytes.length - back)
    if (first < 0x80) return 0
    if (first < 0xc0) continue
    const length = first < 0xc2 || first > 0xf4 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    return length > back && (second === undefined || mayFollow(first, second)) ? back : 0
  }
  return 0
}

/**
 * Returns true where `second` may follow `first` in UTF-8 (Unicode, table 3-7). Other bytes are no character, so that
 * decoding need not wait for more of them.
 */
function mayFollow(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0
  if (first === 0xed) return second <= 0x9f
  if (first === 0xf0) return second >= 0x90
  return first !== 0xf4 || second <= 0x8f
}

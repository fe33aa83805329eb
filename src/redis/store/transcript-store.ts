import { createHash } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import type { Redis } from 'ioredis'
import { emptyTranscript } from '#core/output/transcript-builder'
import { type AppendAnswer, type Checkpoint, partBytes, wholeBytes } from '#core/output/transcript-state'
import type { Signer } from '#core/ports/signing'
import type { Broken } from '#core/ports/store'
import type { Transcripts } from '#core/ports/transcripts'
import { runRetentionSeconds } from '#core/runs/run'
import { defined } from '#core/util/defined'
import { parseJson, toRecord } from '#core/util/json'
import { redisScript } from '#src/redis/script'
import type { ReportBroken } from './signed-values.ts'

/**
 * Maximum bytes per key. Redis copies a growing string whenever it has grown by a megabyte, so that one of 100 MB would
 * be copied a hundred times; and each key may occupy up to a megabyte more than it stores.
 */
const segmentBytes = 4 * 2 ** 20

/** Bytes per read where a transcript is read in pieces. */
const pieceBytes = 2 ** 20

/**
 * Stores what runs write: a growing text in Redis, in segments, and beside it the checkpoint of its writer. Each step
 * is one script, so that a worker that was believed dead and the one that took over never both write.
 */
export function redisTranscriptStore(
  redis: Redis,
  { signer, prefix, report }: { signer: Signer; prefix: string; report: ReportBroken },
): Transcripts {
  const append = redisScript(redis, 'append-transcript', 3)
  const take = redisScript(redis, 'become-transcript-writer', 1)
  const read = redisScript(redis, 'read-transcript', 2)
  // The braces (hash tag) put all keys of a run into one slot of a Redis Cluster.
  const segmentKey = (id: string, at: number) => `${prefix}:transcript:{${id}}:${at}`
  const stateKey = (id: string) => `${prefix}:transcript:{${id}}:state`
  const readRange = async (id: string, from: number, to: number) => {
    const parts: Buffer[] = []
    for (let at = Math.floor(from / segmentBytes); at * segmentBytes < to; at += 1) {
      const begin = at * segmentBytes
      parts.push(await redis.getrangeBuffer(segmentKey(id, at), Math.max(0, from - begin), to - begin - 1))
    }
    return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)
  }
  const readTail = async (id: string, size: number) =>
    dropPartialStart((await readRange(id, Math.max(0, size - partBytes), size)).toString(), size > partBytes)
  const checkpoints = createCheckpoints(signer, (id, text) => report(stateKey(id), text))
  const readSize = async (id: string) => Number((await redis.hget(stateKey(id), 'size')) ?? 0)

  return {
    async takeTranscript(id, writer) {
      const answer = await take(stateKey(id), writer, runRetentionSeconds)
      const [length, state] = answer as [string | null, string | null]
      const size = Number(length ?? 0)
      if (state === null) return size === 0 ? { size, tail: '' } : 'broken'
      const checkpoint = checkpoints.open(id, state, size)
      return checkpoint === 'broken' ? 'broken' : { size, tail: await readTail(id, size), checkpoint }
    },
    async appendTranscript(id, { writer, size, text, checkpoint }) {
      // Passes bytes: with a string, the client would build one string of the whole command, which V8 retains for long.
      const bytes = Buffer.from(text)
      const at = Math.floor(size / segmentBytes)
      const room = (at + 1) * segmentBytes - size
      if (bytes.length > room + segmentBytes) throw new Error('too much was appended at once')
      const keys = [segmentKey(id, at), segmentKey(id, at + 1), stateKey(id)]
      const parts = [bytes.subarray(0, room), bytes.subarray(room)]
      const nextSize = size + bytes.length
      const state = checkpoints.sign(id, { size: nextSize, checkpoint })
      const argv = [writer, size, nextSize, ...parts, state, runRetentionSeconds]
      return (await append(...keys, ...argv)) as AppendAnswer
    },
    async storedOutput(id) {
      const answer = await read(segmentKey(id, 0), stateKey(id), wholeBytes, partBytes)
      const [length, state, text] = answer as [string | null, string | null, string]
      const size = Number(length ?? 0)
      const { transcript = emptyTranscript, sha256 } = readUnverified(state)
      const { lines, bytes, redacted } = transcript
      const whole = size <= wholeBytes
      const parts = whole ? { head: text, tail: text } : { head: dropPartialEnd(text), tail: await readTail(id, size) }
      const digest = createHash('sha256')
        .update(whole ? text : `${parts.head}\0${parts.tail}`)
        .digest('hex')
      return { lines, bytes, redacted, size, whole, digest, ...parts, ...defined({ sha256 }) }
    },
    async transcript(id, maxBytes) {
      const size = await readSize(id)
      return size > maxBytes ? undefined : (await readRange(id, 0, size)).toString()
    },
    async *transcriptPieces(id) {
      const size = await readSize(id)
      const decoder = new StringDecoder('utf8')
      let rest = ''
      for (let from = 0; from < size; from += pieceBytes) {
        const text = rest + decoder.write(await readRange(id, from, Math.min(size, from + pieceBytes)))
        const end = text.lastIndexOf('\n') + 1
        rest = text.slice(end)
        if (end > 0) yield text.slice(0, end)
      }
      if (rest !== '') yield rest
    },
  }
}

type SignedCheckpoint = { size: number; checkpoint: Checkpoint }

/** Signs and verifies checkpoints, each together with the id of its run and the size of the output. */
function createCheckpoints(signer: Signer, report: (id: string, text: string) => void) {
  const nameOf = (id: string) => `transcript:${id}`
  return {
    sign: (id: string, given: SignedCheckpoint) => signer.sign(nameOf(id), JSON.stringify(given)),
    /** Returns the checkpoint of an output of that size; `broken` where it, or the size, was changed. */
    open(id: string, text: string, size: number): Checkpoint | Broken {
      const signed = signer.verify(nameOf(id), text)
      const parsed = signed === undefined ? undefined : (JSON.parse(signed) as SignedCheckpoint)
      if (parsed?.size === size) return parsed.checkpoint
      report(id, text)
      return 'broken'
    },
  }
}

/**
 * Returns what a checkpoint says about its output. An ended run has the same numbers in its own signed state, which
 * counts; so an unsigned checkpoint of an earlier version is read too.
 */
function readUnverified(state: string | null): Partial<Checkpoint> {
  if (state === null) return {}
  const text = state.startsWith('{') ? state : state.slice(state.indexOf('.') + 1)
  const parsed: Partial<SignedCheckpoint & Checkpoint> = toRecord(parseJson(text))
  return parsed.checkpoint ?? parsed
}

// A range may begin or end inside a line, or inside a character; these functions remove such incomplete parts.

function dropPartialEnd(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1)
}

function dropPartialStart(text: string, isPart: boolean): string {
  const begin = isPart ? text.indexOf('\n') + 1 : 0
  return begin < text.length ? text.slice(begin).replace(/^\ufffd+/, '') : text
}

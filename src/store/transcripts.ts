import { StringDecoder } from 'node:string_decoder'
import type { Redis } from 'ioredis'
import { keepSeconds as keep } from '#core/run'
import type { Transcripts } from '#core/stored-output'
import { type Checkpoint, partBytes, type StoredOutput, wholeBytes } from '#core/stored-output'
import { emptyTranscript } from '#core/transcript'

/** Bytes that are read at once of what is read in pieces. */
const pieceBytes = 2 ** 20

/** Keys: text, state. Arguments: writer, size before, size after, text, checkpoint, seconds. */
const appendScript = `
local writer = redis.call('HGET', KEYS[2], 'writer')
if writer and writer ~= ARGV[1] then return 'taken' end
local size = redis.call('STRLEN', KEYS[1])
if size == tonumber(ARGV[2]) then
  redis.call('APPEND', KEYS[1], ARGV[4])
elseif not writer or size ~= tonumber(ARGV[3]) then
  return 'differs'
end
redis.call('HSET', KEYS[2], 'writer', ARGV[1], 'checkpoint', ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('EXPIRE', KEYS[2], ARGV[6])
return 'kept'
`

/** Keys: text, state. Arguments: writer, bytes of the end, seconds. */
const takeScript = `
redis.call('HSET', KEYS[2], 'writer', ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[3])
local tail = redis.call('GETRANGE', KEYS[1], -tonumber(ARGV[2]), -1)
return { redis.call('STRLEN', KEYS[1]), tail, redis.call('HGET', KEYS[2], 'checkpoint') }
`

/** Keys: text, state. Arguments: bytes up to which all of it is read, bytes of beginning and end. */
const readScript = `
local size = redis.call('STRLEN', KEYS[1])
local state = redis.call('HGET', KEYS[2], 'checkpoint')
if size <= tonumber(ARGV[1]) then return { size, '', redis.call('GET', KEYS[1]) or '', state } end
local part = tonumber(ARGV[2])
return { size, redis.call('GETRANGE', KEYS[1], 0, part - 1), redis.call('GETRANGE', KEYS[1], -part, -1), state }
`

/**
 * What runs write: a text in Redis that grows, and beside it where its writer stands. Each step is one script, so that a worker
 * that was believed dead and the one that took over never both write.
 */
export function redisTranscripts(redis: Redis, prefix = 'retina'): Transcripts {
  // The braces keep both keys in one slot of a Redis Cluster.
  const keysOf = (id: string) => [`${prefix}:transcript:{${id}}`, `${prefix}:transcript:{${id}}:state`] as const
  return {
    async takeTranscript(id, writer) {
      const answer = await redis.eval(takeScript, 2, ...keysOf(id), writer, partBytes, keep)
      const [size, tail, state] = answer as [number, string, string | null]
      return {
        size,
        tail: size > partBytes ? lastLines(tail) : tail,
        ...(state === null ? {} : { checkpoint: JSON.parse(state) as Checkpoint }),
      }
    },
    async appendTranscript(id, { writer, size, text, checkpoint }) {
      const after = size + Buffer.byteLength(text)
      const words = [writer, size, after, text, JSON.stringify(checkpoint), keep]
      return (await redis.eval(appendScript, 2, ...keysOf(id), ...words)) as 'kept' | 'taken' | 'differs'
    },
    async storedOutput(id) {
      const answer = await redis.eval(readScript, 2, ...keysOf(id), wholeBytes, partBytes)
      const [size, head, tail, state] = answer as [number, string, string, string | null]
      return stored(size, head, tail, state === null ? undefined : (JSON.parse(state) as Checkpoint))
    },
    async transcript(id, most) {
      const [key] = keysOf(id)
      if ((await redis.strlen(key)) > most) return undefined
      return (await redis.get(key)) ?? ''
    },
    transcriptPieces: (id) => pieces(redis, keysOf(id)[0]),
  }
}

async function* pieces(redis: Redis, key: string): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for (let from = 0; ; from += pieceBytes) {
    const bytes = await redis.getrangeBuffer(key, from, from + pieceBytes - 1)
    const text = rest + decoder.write(bytes)
    const end = text.lastIndexOf('\n') + 1
    rest = text.slice(end)
    if (end > 0) yield text.slice(0, end)
    if (bytes.length < pieceBytes) break
  }
  if (rest !== '') yield rest
}

function stored(size: number, head: string, tail: string, checkpoint: Checkpoint | undefined): StoredOutput {
  const { transcript = emptyTranscript, sha256 } = checkpoint ?? {}
  const { lines, bytes, redacted } = transcript
  const whole = size <= wholeBytes
  return {
    ...{ lines, bytes, redacted, size, whole },
    ...(whole ? { head: tail, tail } : { head: firstLines(head), tail: lastLines(tail) }),
    ...(sha256 === undefined ? {} : { sha256 }),
  }
}

// A range may begin or end inside a line, or inside a character.

function firstLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1)
}

function lastLines(text: string): string {
  const begin = text.indexOf('\n') + 1
  return begin > 0 && begin < text.length ? text.slice(begin) : text.replace(/^\ufffd+/, '')
}

import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { AuditLog } from '#core/ports/store'
import { type AuditEntry, type AuditHead, type AuditRecord, chainStart } from '#core/runs/audit-record'
import { keepSeconds } from '#core/runs/run'
import { canonicalJson } from '#core/util/canonical-json'
import { redisScript } from '#src/redis/script'

/**
 * Appends only if the head is still the one that the entries were made for; answers whether they stand there, and the head that stands
 * now. A batch whose answer was lost on the way is sent again, and known by its name: others may have appended since.
 */
const appendScript = `
local head = redis.call('GET', KEYS[1]) or ''
if redis.call('GET', KEYS[3]) == ARGV[3] then return {1, head} end
if head ~= ARGV[1] then return {0, head} end
for at = 5, #ARGV do redis.call('XADD', KEYS[2], '*', 'entry', ARGV[at]) end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[4])
return {1, ARGV[2]}
`

/** Records that are appended in one step. */
const most = 200

type Waiting = { record: AuditRecord; kept: () => void; failed: (error: unknown) => void }

/**
 * The audit log in Redis: a chain of hashes in which no record can be changed, left out or moved without being seen, and a
 * head that is signed with a key that Redis doesn't hold, so that a tail that was cut off is seen too. It is never trimmed.
 */
export function redisAuditLog(redis: Redis, key: string | undefined, prefix = 'retina'): AuditLog {
  const headKey = `${prefix}:audit-head`
  const streamKey = `${prefix}:audit`

  const sign = (number: number, hash: string) =>
    key === undefined ? '' : createHmac('sha256', key).update(`${number}:${hash}`).digest('base64url')

  const append = appender(redis, { headKey, streamKey, lastKey: `${prefix}:audit-last:${randomUUID()}`, sign })

  return {
    append,
    async *read() {
      for (let last = '-'; ; ) {
        const entries = await redis.xrange(streamKey, last, '+', 'COUNT', 500)
        if (entries.length === 0) return
        for (const [id, fields] of entries) {
          last = `(${id}`
          yield JSON.parse(fields[1] ?? 'null') as AuditEntry
        }
      }
    },
    async lacking(what, runs) {
      const [open, without] = [new Set(runs), new Set(runs)]
      for (let last = '+'; open.size > 0; ) {
        const entries = await redis.xrevrange(streamKey, last, '-', 'COUNT', 500)
        if (entries.length === 0) break
        for (const [id, fields] of entries) {
          last = `(${id}`
          const { record } = JSON.parse(fields[1] ?? 'null') as AuditEntry
          if (!open.has(record.run)) continue
          if (record.what === what) without.delete(record.run)
          // Everything else that a run leaves comes after its decision.
          if (record.what === what || record.what === 'decided') open.delete(record.run)
        }
      }
      return [...without]
    },
    async verify() {
      let before = chainStart
      let number = 0
      for await (const entry of this.read()) {
        number += 1
        if (entry.number !== number)
          return { mistake: `record ${number} is missing: ${entry.number} stands in its place` }
        if (entry.before !== before) return { mistake: `record ${number} does not follow the one before it` }
        if (entry.hash !== hashOf(number, before, entry.record)) return { mistake: `record ${number} was changed` }
        before = entry.hash
      }
      const text = await redis.get(headKey)
      const head = text === null ? undefined : (JSON.parse(text) as AuditHead)
      if (head === undefined) return number === 0 ? { records: 0 } : { mistake: 'the head of the chain is missing' }
      if (!isSame(head.signature, sign(head.number, head.hash)))
        return { mistake: 'the head of the chain is not signed with this key' }
      if (head.number !== number || head.hash !== before) {
        return { mistake: `the chain ends at record ${number}, and its signed head is record ${head.number}` }
      }
      return { records: number }
    },
  }
}

type Chain = {
  headKey: string
  streamKey: string
  /** Where the name of the batch stands that this process appended last. Nobody else can guess the next one. */
  lastKey: string
  sign: (number: number, hash: string) => string
}

/** All that waits in this process is appended in one step: its records don't get into each other's way. */
function appender(redis: Redis, { headKey, streamKey, lastKey, sign }: Chain): AuditLog['append'] {
  const append = redisScript(redis, 'retinaAuditAppend', 3, appendScript)
  let waiting: Waiting[] = []
  let busy = false
  // As this process saw it last; another may have written since, and then the script says so.
  let headText = ''

  const chain = (records: readonly AuditRecord[]) => {
    const head = headText === '' ? undefined : (JSON.parse(headText) as AuditHead)
    let [number, before] = [head?.number ?? 0, head?.hash ?? chainStart]
    const entries = records.map((record): string => {
      number += 1
      const hash = hashOf(number, before, record)
      const entry: AuditEntry = { number, record, before, hash }
      before = hash
      return JSON.stringify(entry)
    })
    return { entries, next: JSON.stringify({ number, hash: before, signature: sign(number, before) } as AuditHead) }
  }

  const appendAll = async () => {
    busy = true
    for (let some = waiting.slice(0, most); some.length > 0; some = waiting.slice(0, most)) {
      waiting = waiting.slice(some.length)
      try {
        const batch = randomUUID()
        for (let saved = false; !saved; ) {
          const { entries, next } = chain(some.map(({ record }) => record))
          const words = [headText, next, batch, keepSeconds, ...entries]
          const [kept, head] = (await append(headKey, streamKey, lastKey, ...words)) as [number, string]
          headText = head
          saved = kept === 1
        }
        for (const { kept } of some) kept()
      } catch (error) {
        for (const { failed } of some) failed(error)
      }
    }
    busy = false
  }

  return (record) =>
    new Promise((kept, failed) => {
      waiting.push({ record, kept, failed })
      if (!busy) void appendAll()
    })
}

function hashOf(number: number, before: string, record: AuditRecord): string {
  return createHash('sha256')
    .update(`${number}\n${before}\n${canonicalJson(record)}`)
    .digest('hex')
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

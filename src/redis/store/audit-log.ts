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
const maxBatchRecords = 200

type PendingRecord = { record: AuditRecord; kept: () => void; failed: (error: unknown) => void }

/**
 * The audit log in Redis: a chain of hashes in which no record can be changed, left out or moved without being seen, and a
 * head that is signed with a key that Redis doesn't hold, so that a tail that was cut off is seen too. It is never trimmed.
 */
export function redisAuditLog(redis: Redis, key: string | undefined, prefix = 'retina'): AuditLog {
  const headKey = `${prefix}:audit-head`
  const streamKey = `${prefix}:audit`

  const sign = (number: number, hash: string) =>
    key === undefined ? '' : createHmac('sha256', key).update(`${number}:${hash}`).digest('base64url')

  const append = createAppender(redis, { headKey, streamKey, lastKey: `${prefix}:audit-last:${randomUUID()}`, sign })

  return {
    append,
    async *read() {
      for (let lastId = '-'; ; ) {
        const entries = await redis.xrange(streamKey, lastId, '+', 'COUNT', 500)
        if (entries.length === 0) return
        for (const [id, fields] of entries) {
          lastId = `(${id}`
          yield JSON.parse(fields[1] ?? 'null') as AuditEntry
        }
      }
    },
    async lacking(what, runs) {
      const [undecidedRuns, lackingRuns] = [new Set(runs), new Set(runs)]
      for (let lastId = '+'; undecidedRuns.size > 0; ) {
        const entries = await redis.xrevrange(streamKey, lastId, '-', 'COUNT', 500)
        if (entries.length === 0) break
        for (const [id, fields] of entries) {
          lastId = `(${id}`
          const { record } = JSON.parse(fields[1] ?? 'null') as AuditEntry
          if (!undecidedRuns.has(record.run)) continue
          if (record.what === what) lackingRuns.delete(record.run)
          // Everything else that a run leaves comes after its decision.
          if (record.what === what || record.what === 'decided') undecidedRuns.delete(record.run)
        }
      }
      return [...lackingRuns]
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

type AppenderOptions = {
  headKey: string
  streamKey: string
  /** Where the name of the batch stands that this process appended last. Nobody else can guess the next one. */
  lastKey: string
  sign: (number: number, hash: string) => string
}

/** All that waits in this process is appended in one step: its records don't get into each other's way. */
function createAppender(redis: Redis, { headKey, streamKey, lastKey, sign }: AppenderOptions): AuditLog['append'] {
  const append = redisScript(redis, 'retinaAuditAppend', 3, appendScript)
  let pending: PendingRecord[] = []
  let isAppending = false
  // As this process saw it last; another may have written since, and then the script says so.
  let headText = ''

  const chainRecords = (records: readonly AuditRecord[]) => {
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
    isAppending = true
    for (let batch = pending.slice(0, maxBatchRecords); batch.length > 0; batch = pending.slice(0, maxBatchRecords)) {
      pending = pending.slice(batch.length)
      try {
        const batchId = randomUUID()
        for (let saved = false; !saved; ) {
          const { entries, next } = chainRecords(batch.map(({ record }) => record))
          const argv = [headText, next, batchId, keepSeconds, ...entries]
          const [appended, head] = (await append(headKey, streamKey, lastKey, ...argv)) as [number, string]
          headText = head
          saved = appended === 1
        }
        for (const { kept } of batch) kept()
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
    isAppending = false
  }

  return (record) =>
    new Promise((resolve, reject) => {
      pending.push({ record, kept: resolve, failed: reject })
      if (!isAppending) void appendAll()
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

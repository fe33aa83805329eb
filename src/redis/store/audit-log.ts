import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { AuditLog } from '#core/ports/store'
import { type AuditEntry, type AuditHead, type AuditRecord, chainStart } from '#core/runs/audit-record'
import { runRetentionSeconds } from '#core/runs/run'
import { canonicalJson } from '#core/util/canonical-json'
import { redisScript } from '#src/redis/script'

/**
 * Appends entries only if the head is still the one they were made for. KEYS: head, stream, id of the last batch. ARGV:
 * expected head, new head, batch id, seconds, entries. Returns whether the entries are in the stream, and the current
 * head. A batch whose answer was lost is sent again and recognized by its id: other processes may have appended since.
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

/** Maximum number of records that one script call appends. */
const maxBatchRecords = 200

type PendingRecord = { record: AuditRecord; kept: () => void; failed: (error: unknown) => void }

/**
 * Stores the audit log in Redis: a hash chain in which a changed, omitted or moved record is detected, and a head that
 * is signed with a key that isn't stored in Redis, so that a truncated end is detected too. The log is never trimmed.
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
    async runsWithout(what, runs) {
      const [undecidedRuns, lackingRuns] = [new Set(runs), new Set(runs)]
      for (let lastId = '+'; undecidedRuns.size > 0; ) {
        const entries = await redis.xrevrange(streamKey, lastId, '-', 'COUNT', 500)
        if (entries.length === 0) break
        for (const [id, fields] of entries) {
          lastId = `(${id}`
          const { record } = JSON.parse(fields[1] ?? 'null') as AuditEntry
          if (!undecidedRuns.has(record.run)) continue
          if (record.what === what) lackingRuns.delete(record.run)
          // A run's decision is its first record: there are no others before it.
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
        if (entry.number !== number) return { mistake: `record ${number} is missing: ${entry.number} is in its place` }
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
        return { mistake: `the chain ends at record ${number}, but its signed head is record ${head.number}` }
      }
      return { records: number }
    },
  }
}

type AppenderOptions = {
  headKey: string
  streamKey: string
  /** Key of the id of the batch that this process appended last. No other process can guess the next id. */
  lastKey: string
  sign: (number: number, hash: string) => string
}

/** Returns a function that appends all pending records of this process in one step, so that they don't conflict. */
function createAppender(redis: Redis, { headKey, streamKey, lastKey, sign }: AppenderOptions): AuditLog['append'] {
  const append = redisScript(redis, 'retinaAuditAppend', 3, appendScript)
  let pending: PendingRecord[] = []
  let isAppending = false
  // Head as this process last read it; if another process has appended since, the script returns the current one.
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
          const argv = [headText, next, batchId, runRetentionSeconds, ...entries]
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

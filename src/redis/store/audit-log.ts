import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { storeFormat } from '#core/ports/signing'
import type { AuditLog } from '#core/ports/store'
import { type AuditEntry, type AuditHead, type AuditRecord, chainStart } from '#core/runs/audit-record'
import { runRetentionSeconds } from '#core/runs/run'
import type { Secrets } from '#src/redis/derived-key'
import { redisScript } from '#src/redis/script'
import { type AuditChain, createAuditChain, newerText, otherKeyText } from './audit-chain.ts'
import { type AuditSigner, createAuditSigner } from './audit-signature.ts'
import { parseAuditEntry, parseAuditHead } from './parse-audit-entry.ts'

/** Maximum number of records that one script call appends. */
const maxBatchRecords = 200

export type AuditLogOptions = {
  prefix?: string
  /** Reports that the stored log was changed: rolled back and restored, or broken. */
  alarm?: (why: string) => void
  /** Receives the head after each batch, so that it is recorded outside Redis too. */
  onHead?: (head: Pick<AuditHead, 'number' | 'hash'>) => void
}

type PendingRecord = {
  record: AuditRecord
  once: boolean
  saved: (appended: boolean) => void
  failed: (error: unknown) => void
}

/**
 * Stores the audit log in Redis: a chain of keyed hashes in which a changed, omitted or moved record is detected, and a
 * head that is signed, so that a truncated end is detected too. The log is never trimmed. A process appends only to a
 * chain that it has verified as far as it has to remember it: it restores records that were removed behind its back,
 * and appends nothing to a log that it can't verify.
 */
export function redisAuditLog(redis: Redis, secrets: Secrets, options: AuditLogOptions = {}): AuditLog {
  const { prefix = 'retina' } = options
  const headKey = `${prefix}:audit-head`
  const streamKey = `${prefix}:audit`
  const signer = createAuditSigner(secrets)
  const chain = createAuditChain(redis, { headKey, streamKey, signer, alarm: options.alarm ?? (() => undefined) })
  const append = createAppender(redis, {
    ...{ headKey, streamKey, lastKey: `${prefix}:audit-last:${randomUUID()}`, chain, signer },
    onHead: options.onHead ?? (() => undefined),
  })

  const readFrom = (start: string) => readStream(redis, streamKey, start, 'oldest-first')
  const readBack = (isWanted?: (entry: AuditEntry) => boolean) =>
    genuineBack(readStream(redis, streamKey, '+', 'newest-first'), signer, isWanted)

  return {
    async append(record) {
      await append(record, false)
    },
    appendOnce: (record) => append(record, true),
    async *read() {
      let isKeyed = false
      for await (const { entry } of readFrom('-')) {
        if (entry === undefined) {
          options.alarm?.('a record of the audit log can not be read; it is left out')
          continue
        }
        isKeyed ||= entry.keyed === true
        if (signer.isGenuine({ ...entry, keyed: isKeyed })) yield entry
        // Records of a key that isn't here are left out without an alarm: `verify` tells of them.
        else if (!signer.isOfOtherKey(entry))
          options.alarm?.(`record ${entry.number} of the audit log was changed; it is left out`)
      }
    },
    readBack: () => readBack(),
    async runsWithout(what, runs) {
      const [undecidedRuns, lackingRuns] = [new Set(runs), new Set(runs)]
      if (undecidedRuns.size === 0) return []
      // A record that was written by something else proves nothing.
      for await (const { record } of readBack(({ record: { run } }) => undecidedRuns.has(run))) {
        if (record.what === what) lackingRuns.delete(record.run)
        // A run's decision is its first record: there are no others before it.
        if (record.what === what || record.what === 'decided') undecidedRuns.delete(record.run)
        if (undecidedRuns.size === 0) break
      }
      return [...lackingRuns]
    },
    async verify(expected) {
      const follow = followChain(signer, expected)
      // Others may append while this reads: then the head is further than what was read before it.
      for (let lastId = '-'; ; ) {
        let count = 0
        for await (const { id, entry } of readFrom(lastId)) {
          lastId = `(${id}`
          count += 1
          const mistake = follow.next(entry)
          if (mistake !== undefined) return { mistake }
        }
        const text = await redis.get(headKey)
        const head = text === null ? undefined : parseAuditHead(text)
        if (text !== null && head === undefined) return { mistake: 'the head of the chain can not be read' }
        const end = follow.end()
        if (head !== undefined && count > 0 && head.number > end.number) continue
        const judged = judgeEnd(end, head, signer, expected)
        return 'mistake' in judged || end.unverified === 0 ? judged : { ...judged, unverified: end.unverified }
      }
    },
  }
}

/** Yields the entries of the stream, with their ids, from `start` on; undefined for one that can't be read. */
async function* readStream(redis: Redis, key: string, start: string, order: 'oldest-first' | 'newest-first') {
  for (let lastId = start; ; ) {
    const entries = await (order === 'oldest-first'
      ? redis.xrange(key, lastId, '+', 'COUNT', 500)
      : redis.xrevrange(key, lastId, '-', 'COUNT', 500))
    if (entries.length === 0) return
    for (const [id, fields] of entries) {
      lastId = `(${id}`
      yield { id, entry: parseAuditEntry(fields[1]) }
    }
  }
}

/**
 * Yields the genuine entries that are wanted, the newest first. A plain hash, which anyone can make, counts only where no keyed one is
 * before it: entries that have one are held back until the beginning of the log is reached.
 */
async function* genuineBack(
  entries: ReturnType<typeof readStream>,
  signer: AuditSigner,
  isWanted: (entry: AuditEntry) => boolean = () => true,
) {
  let plain: AuditEntry[] = []
  for await (const { entry } of entries) {
    if (entry === undefined || (plain.length === 0 && !isWanted(entry))) continue
    if (signer.isGenuine({ ...entry, keyed: true })) {
      plain = []
      if (isWanted(entry)) yield entry
    } else if (entry.keyed !== true && signer.isGenuine(entry) && isWanted(entry)) plain.push(entry)
  }
  yield* plain
}

/** `unverified`: number of the last entry whose key isn't here. */
type End = Pick<AuditHead, 'number' | 'hash'> & { contains: boolean; unverified: number }

/** Follows the chain from its start, entry by entry; it has to contain the record `expected`. */
function followChain(signer: AuditSigner, expected: Pick<AuditHead, 'number' | 'hash'> | undefined) {
  let [number, hash] = [0, chainStart]
  let isKeyed = false
  let unverified = 0
  let contains = expected === undefined
  return {
    /** Takes the next entry; returns where the chain is broken, or undefined. */
    next(entry: AuditEntry | undefined): string | undefined {
      number += 1
      if (entry === undefined) return `record ${number} can not be read`
      isKeyed ||= entry.keyed === true
      if (entry.number !== number) return `record ${number} is missing: ${entry.number} is in its place`
      if (entry.before !== hash) return `record ${number} does not follow the one before it`
      if ((entry.format ?? 1) > storeFormat) return newerText(`record ${number}`, entry.format)
      const isOther = signer.isOfOtherKey(entry)
      if (!isOther && unverified === number - 1 && number > 1 && entry.record.what !== 'key-changed')
        return otherKeyText(`record ${number - 1}`)
      // Records of an earlier version have plain hashes; the first keyed hash covers them.
      if (!isOther && !signer.isGenuine({ ...entry, keyed: isKeyed })) return `record ${number} was changed`
      if (isOther) unverified = number
      hash = entry.hash
      contains ||= expected?.number === number && expected.hash === hash
      return undefined
    },
    end: (): End => ({ number, hash, contains, unverified }),
  }
}

function judgeEnd(
  end: End,
  head: AuditHead | undefined,
  signer: AuditSigner,
  expected: Pick<AuditHead, 'number'> | undefined,
): { records: number } | { mistake: string } {
  const { number, hash, contains } = end
  if (!contains) return { mistake: `record ${expected?.number} with the given hash is missing` }
  if (head === undefined) return number === 0 ? { records: 0 } : { mistake: 'the head of the chain is missing' }
  if (!signer.isHead(head)) return { mistake: 'the head of the chain is not signed with this key' }
  if (head.number !== number || head.hash !== hash)
    return { mistake: `the chain ends at record ${number}, but its signed head is record ${head.number}` }
  return { records: number }
}

type AppenderOptions = {
  headKey: string
  streamKey: string
  /** Key of the id of the batch that this process appended last. No other process can guess the next id. */
  lastKey: string
  chain: AuditChain
  signer: AuditSigner
  onHead: (head: Pick<AuditHead, 'number' | 'hash'>) => void
}

/** Returns a function that appends all pending records of this process in one step, so that they don't conflict. */
function createAppender(
  redis: Redis,
  { headKey, streamKey, lastKey, chain, signer, onHead }: AppenderOptions,
): (record: AuditRecord, once: boolean) => Promise<boolean> {
  const append = redisScript(redis, 'append-audit', 3)
  let pending: PendingRecord[] = []
  let isAppending = false

  const toEntries = (records: readonly AuditRecord[]): AuditEntry[] => {
    let { number, hash: before } = chain.head()
    return records.map((record) => {
      number += 1
      const entry = signer.entry({ number, record, before })
      before = entry.hash
      return entry
    })
  }

  /** Returns the record that the key is another one from here on, where it is. */
  const keyChange = (at: AuditRecord['at']): AuditRecord[] => {
    const [before, now] = [chain.lastKey(), signer.keyId]
    if (before === undefined || now === undefined || before === now) return []
    return [{ at, what: 'key-changed', run: '', person: 'the owner of the key', details: { before, now } }]
  }

  /** Appends a batch after the records that have to be restored. Returns which of its records were appended. */
  const appendBatch = async (batch: readonly PendingRecord[]): Promise<ReadonlySet<PendingRecord>> => {
    await chain.load()
    const batchId = randomUUID()
    for (;;) {
      const isNew = chain.onceFilter()
      const accepted = batch.filter(({ record, once }) => isNew(record, once))
      const records = [...chain.lost(), ...accepted.map(({ record }) => record)]
      const [first] = records
      if (first === undefined) return new Set()
      const entries = toEntries([...keyChange(first.at), ...records])
      const expected = chain.headText()
      const next = signer.head(entries.at(-1) ?? chain.head())
      const argv = [expected, next, batchId, runRetentionSeconds, ...entries.map((entry) => JSON.stringify(entry))]
      const [appended, head] = (await append(headKey, streamKey, lastKey, ...argv)) as [number, string]
      if (appended === 1) chain.appended(entries, next)
      // Also where the batch was appended before its answer was lost, and others have appended since.
      if (head !== chain.headText()) await chain.catchUp(head)
      if (appended !== 1) continue
      onHead(chain.head())
      return new Set(accepted)
    }
  }

  const appendAll = async () => {
    isAppending = true
    for (let batch = pending.slice(0, maxBatchRecords); batch.length > 0; batch = pending.slice(0, maxBatchRecords)) {
      pending = pending.slice(batch.length)
      try {
        const appended = await appendBatch(batch)
        for (const each of batch) each.saved(appended.has(each))
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
    isAppending = false
  }

  return (record, once) =>
    new Promise((resolve, reject) => {
      pending.push({ record, once, saved: resolve, failed: reject })
      if (!isAppending) void appendAll()
    })
}

import type { Redis } from 'ioredis'
import { storeFormat } from '#core/ports/signing'
import { AuditBrokenError } from '#core/ports/store'
import { type AuditEntry, type AuditHead, type AuditRecord, chainStart } from '#core/runs/audit-record'
import type { AuditSigner } from './audit-signature.ts'
import { parseAuditEntry, parseAuditHead } from './parse-audit-entry.ts'

/** Number of newest entries that a process reads at its start and remembers, so that it can restore them. */
const maxRemembered = 5_000

/** Maximum number of entries that are read at once. */
const maxRead = 500

type Head = Pick<AuditHead, 'number' | 'hash'>

const emptyHead: Head = { number: 0, hash: chainStart }

/** The end of the audit chain as one process has verified it. */
export type AuditChain = {
  /** Loads and verifies the end of the stored chain, once; rejects with `AuditBrokenError`. */
  load: () => Promise<void>
  head: () => Head
  /** Returns the id of the key of the last entry; undefined where there is none, or it has a plain hash. */
  lastKey: () => string | undefined
  /** Returns the stored text of the verified head; an empty text where nothing was stored. */
  headText: () => string
  /** Takes in entries that this process has appended. */
  appended: (entries: readonly AuditEntry[], headText: string) => void
  /** Verifies what another process has appended, or finds what was removed; rejects with `AuditBrokenError`. */
  catchUp: (headText: string) => Promise<void>
  /** Returns the records that were removed from the log behind this process' back, which it has to append again. */
  lost: () => readonly AuditRecord[]
  /** Returns a function that is true for a record to append: one that is to be written once must not exist yet. */
  onceFilter: () => (record: AuditRecord, once: boolean) => boolean
}

type ChainOptions = { headKey: string; streamKey: string; signer: AuditSigner; alarm: (why: string) => void }

export function createAuditChain(redis: Redis, options: ChainOptions): AuditChain {
  const reader = createChainReader(redis, options)
  const memory = createMemory()
  let isLoaded = false
  let headText = ''
  let head = emptyHead
  let lastKey: string | undefined
  let lostRecords: readonly AuditRecord[] = []

  return {
    async load() {
      if (isLoaded) return
      const text = (await redis.get(options.headKey)) ?? ''
      const current = reader.openHead(text)
      let remaining = maxRemembered
      const entries = await reader.readBack(current.number, maxRemembered, () => {
        remaining -= 1
        return remaining === 0
      })
      const known = reader.skipOtherKeys(entries)
      reader.verifyLinks(known.entries, known.start ?? (entries[0]?.number === 1 ? emptyHead : undefined), current)
      memory.add(known.entries)
      head = current
      lastKey = reader.keyOfLast(entries)
      headText = text
      isLoaded = true
    },
    head: () => head,
    lastKey: () => lastKey,
    headText: () => headText,
    appended(entries, text) {
      memory.add(entries)
      lostRecords = []
      head = entries.at(-1) ?? head
      lastKey = entries.at(-1)?.key ?? lastKey
      headText = text
    },
    async catchUp(text) {
      const current = reader.openHead(text)
      const isEnough = (entry: AuditEntry) => memory.has(entry) || entry.number < memory.oldest(head)
      const entries = await reader.readBack(current.number, current.number - head.number + 1, isEnough)
      const common = memory.findCommon(entries[0], head)
      if (common === undefined) throw reader.broken('it has no record in common with what this process has seen')
      const further = entries.filter(({ number }) => number > common.number)
      reader.verifyLinks(further, common, current)
      const removed = memory.replaceAfter(common.number, further)
      head = current
      lastKey = reader.keyOfLast(entries)
      headText = text
      if (removed.length === 0) return
      lostRecords = [...removed, ...lostRecords]
      options.alarm(`${removed.length} records were removed from the audit log in Redis; they are appended again`)
    },
    lost: () => lostRecords,
    onceFilter() {
      const own = new Set(lostRecords.map(keyOf))
      return (record, once) => {
        if (once && (memory.hasRecord(record) || own.has(keyOf(record)))) return false
        own.add(keyOf(record))
        return true
      }
    },
  }
}

const keyOf = ({ what, run }: AuditRecord) => `${what} ${run}`

/** Remembers the newest entries of the verified chain. */
function createMemory() {
  let entries: AuditEntry[] = []
  let records = new Set<string>()
  const index = () => {
    records = new Set(entries.map(({ record }) => keyOf(record)))
  }
  const add = (further: readonly AuditEntry[]) => {
    for (const entry of further) {
      entries.push(entry)
      records.add(keyOf(entry.record))
    }
    if (entries.length <= maxRemembered + maxRead) return
    entries = entries.slice(-maxRemembered)
    index()
  }
  const has = ({ number, hash }: AuditEntry) => entries[number - (entries[0]?.number ?? 0)]?.hash === hash
  const oldest = (head: Head) => entries[0]?.number ?? head.number + 1
  return {
    add,
    has,
    /** Returns the number of the oldest remembered entry. */
    oldest,
    hasRecord: (record: AuditRecord) => records.has(keyOf(record)),
    /** Returns the entry itself where it is remembered, or the start of the chain where all of it was remembered. */
    findCommon(first: AuditEntry | undefined, head: Head): Head | undefined {
      if (first !== undefined && has(first)) return first
      const isFromStart = oldest(head) === 1 && (first === undefined || first.number === 1)
      return isFromStart ? emptyHead : undefined
    },
    /** Replaces what follows an entry, and returns the records that are remembered no longer. */
    replaceAfter(number: number, further: readonly AuditEntry[]): AuditRecord[] {
      const removed = entries.filter((entry) => entry.number > number).map(({ record }) => record)
      entries = entries.filter((entry) => entry.number <= number)
      if (removed.length > 0) index()
      add(further)
      return removed
    },
  }
}

/** Reads and verifies the stored chain. */
function createChainReader(redis: Redis, { streamKey, signer, alarm }: ChainOptions) {
  const broken = (why: string): AuditBrokenError => {
    alarm(`the audit log in Redis was changed: ${why}; nothing is run until it is restored`)
    return new AuditBrokenError(why)
  }
  const readEntry = (text: string): AuditEntry => {
    const entry = parseAuditEntry(text)
    if (entry === undefined) throw broken('a record can not be read')
    if ((entry.format ?? 1) > storeFormat) throw broken(newerText(`record ${entry.number}`, entry.format))
    return entry
  }
  return {
    broken,
    /** Returns the head that a text says, if its signature is valid. */
    openHead(text: string): Head {
      if (text === '') return emptyHead
      const parsed = parseAuditHead(text)
      if ((parsed?.format ?? 1) > storeFormat) throw broken(newerText('its head', parsed?.format))
      if (parsed === undefined || !signer.isHead(parsed)) throw broken('its head is not signed with this key')
      return { number: parsed.number, hash: parsed.hash }
    },
    /**
     * Reads entries up to number `last` back from the end of the stream, until the condition holds for one; `expected`
     * is how many that probably are. Others may append further ones meanwhile.
     */
    async readBack(
      last: number,
      expected: number,
      isEnough: (entry: AuditEntry) => boolean,
    ): Promise<readonly AuditEntry[]> {
      const newestFirst: AuditEntry[] = []
      let count = Math.min(Math.max(2, expected), maxRead)
      for (let lastId = '+'; newestFirst.length < last; count = maxRead) {
        const rows = await redis.xrevrange(streamKey, lastId, '-', 'COUNT', count)
        for (const [id, fields] of rows) {
          lastId = `(${id}`
          const entry = readEntry(fields[1] ?? '')
          if (entry.number > last) continue
          newestFirst.push(entry)
          if (isEnough(entry)) return newestFirst.toReversed()
        }
        if (rows.length === 0) break
      }
      return newestFirst.toReversed()
    },
    /**
     * Returns the entries after the last one whose key isn't here, and that one as their start. Only a record of this
     * installation says that the key was changed: without it, somebody else has named another key.
     */
    skipOtherKeys(entries: readonly AuditEntry[]): { entries: readonly AuditEntry[]; start?: Head } {
      const last = entries.findLastIndex((entry) => signer.isOfOtherKey(entry))
      const [start, next] = entries.slice(last, last + 2)
      if (last === -1 || start === undefined) return { entries }
      if (next?.record.what !== 'key-changed') throw broken(otherKeyText(`record ${start.number}`))
      return { entries: entries.slice(last + 1), start }
    },
    keyOfLast(entries: readonly AuditEntry[]): string | undefined {
      const last = entries.at(-1)
      return last === undefined ? undefined : signer.keyOf(last)
    },
    /** Verifies that entries follow `start` one after the other, up to and including `end`. */
    verifyLinks(entries: readonly AuditEntry[], start: Head | undefined, end: Head): void {
      let previous = start
      for (const entry of entries) {
        const isNext =
          previous === undefined || (entry.number === previous.number + 1 && entry.before === previous.hash)
        if (isNext && signer.isOfOtherKey(entry)) throw broken(otherKeyText(`record ${entry.number}`))
        if (!isNext || !signer.isGenuine(entry)) throw broken(`record ${entry.number} was changed`)
        previous = entry
      }
      const last = previous ?? emptyHead
      if (last.number !== end.number || last.hash !== end.hash)
        throw broken(`it ends at record ${last.number}, but its signed head is record ${end.number}`)
    },
  }
}

/** Says that a part of the log can't be verified, and by what it could be. */
export const otherKeyText = (what: string) =>
  `${what} is signed with a key that is not here; give it in RETINA_SEAL_KEY_ALSO`

/** Says that a part of the log was written by a newer version. */
export const newerText = (what: string, format: number | undefined) =>
  `${what} has format ${format}, of a newer version of Retina ChatOps; upgrade this process`

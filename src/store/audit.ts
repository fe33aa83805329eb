import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Redis } from 'ioredis'
import { type AuditEntry, type AuditHead, type AuditRecord, chainStart } from '#core/audit'
import { canonicalJson } from '#core/canonical'
import type { AuditLog } from '#core/ports'

/** Appends only if the head is still the one that the entry was made for. */
const appendScript = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('XADD', KEYS[2], '*', 'entry', ARGV[3])
redis.call('SET', KEYS[1], ARGV[2])
return 1
`

/**
 * The audit log in Redis: a chain of hashes in which no record can be changed, left out or moved without being seen, and a
 * head that is signed with a key that Redis doesn't hold, so that a tail that was cut off is seen too. It is never trimmed.
 */
export function redisAudit(redis: Redis, key: string | undefined, prefix = 'retina'): AuditLog {
  const headKey = `${prefix}:audit-head`
  const streamKey = `${prefix}:audit`

  const sign = (number: number, hash: string) =>
    key === undefined ? '' : createHmac('sha256', key).update(`${number}:${hash}`).digest('base64url')

  return {
    async append(record) {
      for (;;) {
        const text = (await redis.get(headKey)) ?? ''
        const head = text === '' ? undefined : (JSON.parse(text) as AuditHead)
        const number = (head?.number ?? 0) + 1
        const before = head?.hash ?? chainStart
        const hash = hashOf(number, before, record)
        const entry: AuditEntry = { number, record, before, hash }
        const next: AuditHead = { number, hash, signature: sign(number, hash) }
        const saved = await redis.eval(
          appendScript,
          2,
          headKey,
          streamKey,
          text,
          JSON.stringify(next),
          JSON.stringify(entry),
        )
        if (saved === 1) return
      }
    },
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

function hashOf(number: number, before: string, record: AuditRecord): string {
  return createHash('sha256')
    .update(`${number}\n${before}\n${canonicalJson(record)}`)
    .digest('hex')
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

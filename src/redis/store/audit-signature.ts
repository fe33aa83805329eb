import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { AuditEntry, AuditHead, AuditRecord } from '#core/runs/audit-record'
import { canonicalJson } from '#core/util/canonical-json'
import { deriveKey } from '#src/redis/derived-key'

/** Makes and verifies the keyed hashes of audit records and the signature of the head. */
export type AuditSigner = {
  entry: (given: { number: number; record: AuditRecord; before: string }) => AuditEntry
  /** Returns the hash that the entry should have. */
  hash: (entry: Omit<AuditEntry, 'hash'>) => string
  /** Returns true for an entry whose hash is right for its number, predecessor and record. */
  isGenuine: (entry: AuditEntry) => boolean
  /** Returns the text of a signed head. */
  head: (last: Pick<AuditHead, 'number' | 'hash'>) => string
  isHead: (head: AuditHead) => boolean
}

/**
 * Without a secret the hashes are plain SHA-256, and heads are not signed. Version 0.1 made plain hashes too, and signed
 * heads with the secret itself: such a head is accepted, so that its chain goes on.
 */
export function createAuditSigner(secret: string | undefined): AuditSigner {
  const key = secret === undefined ? undefined : deriveKey(secret, 'audit')
  const hash = ({ number, before, record, keyed }: Omit<AuditEntry, 'hash'>) => {
    const text = `${number}\n${before}\n${canonicalJson(record)}`
    const hasher = key === undefined || keyed !== true ? createHash('sha256') : createHmac('sha256', key)
    return hasher.update(text).digest('hex')
  }
  const signHead = (number: number, last: string) =>
    key === undefined ? '' : createHmac('sha256', key).update(`head\n${number}:${last}`).digest('base64url')
  const signHeadEarlier = (number: number, last: string) =>
    secret === undefined ? '' : createHmac('sha256', secret).update(`${number}:${last}`).digest('base64url')
  return {
    hash,
    entry(given) {
      const entry = { ...given, ...(key === undefined ? {} : { keyed: true as const }) }
      return { ...entry, hash: hash(entry) }
    },
    isGenuine: (entry) => isSame(entry.hash, hash({ ...entry, keyed: entry.keyed === true })),
    head: ({ number, hash: last }) =>
      JSON.stringify({ number, hash: last, signature: signHead(number, last) } satisfies AuditHead),
    isHead: ({ number, hash: last, signature }) =>
      isSame(signature, signHead(number, last)) || isSame(signature, signHeadEarlier(number, last)),
  }
}

function isSame(one: unknown, other: string): boolean {
  const [a, b] = [Buffer.from(String(one)), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

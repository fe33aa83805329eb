import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { AuditEntry, AuditHead, AuditRecord } from '#core/runs/audit-record'
import { canonicalJson } from '#core/util/canonical-json'
import { deriveKey, type Secrets, secretsOf } from '#src/redis/derived-key'

/** Makes and verifies the keyed hashes of audit records and the signature of the head. */
export type AuditSigner = {
  /** Id of the key that makes new entries; undefined without a secret. */
  keyId: string | undefined
  entry: (given: { number: number; record: AuditRecord; before: string }) => AuditEntry
  /** Returns true for an entry whose hash is right for its number, predecessor and record. */
  isGenuine: (entry: AuditEntry) => boolean
  /** Returns the id of the key that made a genuine entry; undefined where none did. */
  keyOf: (entry: AuditEntry) => string | undefined
  /** Returns true for an entry that names a key that isn't here, so that it can't be verified. */
  isOfOtherKey: (entry: AuditEntry) => boolean
  /** Returns the text of a signed head. */
  head: (last: Pick<AuditHead, 'number' | 'hash'>) => string
  isHead: (head: AuditHead) => boolean
}

type AuditKey = { id: string; secret: string; key: KeyObject }

/**
 * Without a secret the hashes are plain SHA-256, and heads are not signed. Version 0.1 made plain hashes too, and signed
 * heads with the secret itself: such a head is accepted, so that its chain goes on.
 */
export function createAuditSigner(secrets: Secrets): AuditSigner {
  const keys = secretsOf(secrets).map((secret): AuditKey => {
    const key = createSecretKey(deriveKey(secret, 'audit'))
    return { secret, key, id: createHmac('sha256', key).update('key id').digest('hex').slice(0, 8) }
  })
  const [current] = keys
  const hashBy = (key: AuditKey | undefined, { number, before, record }: Omit<AuditEntry, 'hash'>) => {
    const text = `${number}\n${before}\n${canonicalJson(record)}`
    const hasher = key === undefined ? createHash('sha256') : createHmac('sha256', key.key)
    return hasher.update(text).digest('hex')
  }
  const keyOf = (entry: AuditEntry) =>
    keys.find((key) => (entry.key ?? key.id) === key.id && isSame(entry.hash, hashBy(key, entry)))?.id
  const signHead = ({ key }: AuditKey, number: number, last: string) =>
    createHmac('sha256', key).update(`head\n${number}:${last}`).digest('base64url')
  const signHeadEarlier = ({ secret }: AuditKey, number: number, last: string) =>
    createHmac('sha256', secret).update(`${number}:${last}`).digest('base64url')
  return {
    keyId: current?.id,
    entry(given) {
      const entry = { ...given, ...(current === undefined ? {} : { keyed: true as const, key: current.id }) }
      return { ...entry, hash: hashBy(current, entry) }
    },
    isGenuine: (entry) =>
      current === undefined || entry.keyed !== true
        ? isSame(entry.hash, hashBy(undefined, entry))
        : keyOf(entry) !== undefined,
    keyOf: (entry) => (entry.keyed === true ? keyOf(entry) : undefined),
    isOfOtherKey: ({ keyed, key: id }) => keyed === true && id !== undefined && keys.every((key) => key.id !== id),
    head: ({ number, hash: last }) =>
      JSON.stringify({
        ...{ number, hash: last },
        signature: current === undefined ? '' : signHead(current, number, last),
      } satisfies AuditHead),
    isHead: ({ number, hash: last, signature }) =>
      current === undefined
        ? isSame(signature, '')
        : keys.some((key) => [signHead, signHeadEarlier].some((sign) => isSame(signature, sign(key, number, last)))),
  }
}

function isSame(one: unknown, other: string): boolean {
  const [a, b] = [Buffer.from(String(one)), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

import type { Redis } from 'ioredis'
import type { Signer } from '#core/ports/signing'
import type { StoredValue, Values } from '#core/ports/store'
import { redisScript } from '#src/redis/script'

/** Reports a stored text whose signature is invalid: the key, and the text by which a repeated report is recognised. */
export type ReportBroken = (key: string, text: string) => void

/** What is signed: the value, and when it ends, in ms since 1970, so that a value put back later is not used. */
type Envelope = { value: unknown; until?: number }

export type SignedValuesOptions = {
  signer: Signer
  prefix: string
  /** Returns ms since 1970, by the clock that all processes share. */
  now: () => number
  report: ReportBroken
  /** Signer of version 0.1, which stored passkeys under another key. */
  earlier?: Signer
}

/**
 * Stores values under a kind and a key. Each is signed together with the name of its key, so that a value that was
 * changed, or moved to another key, is `broken` when it is read.
 */
export function redisSignedValues(redis: Redis, { signer, prefix, now, report, earlier }: SignedValuesOptions): Values {
  const nameOf = (kind: string, key: string) => `value:${kind}:${key}`
  const hashOf = (kind: string, key: string) => `values:${kind}:${key}`
  const at = (name: string) => `${prefix}:${name}`
  const saveField = redisScript(redis, 'set-field-and-expiry', 1)
  const sign = (name: string, value: unknown, seconds: number | undefined) => {
    const envelope: Envelope = { value, ...(seconds === undefined ? {} : { until: now() + seconds * 1_000 }) }
    return signer.sign(name, JSON.stringify(envelope))
  }
  const open = (name: string, text: string | null): StoredValue<never> => {
    if (text === null) return undefined
    const signed = signer.verify(name, text)
    if (signed === undefined) {
      report(at(name), text)
      return 'broken'
    }
    const { value, until } = JSON.parse(signed) as Envelope
    return until !== undefined && until < now() ? undefined : (value as never)
  }
  const openEarlier = async (kind: string, key: string): Promise<StoredValue<never>> => {
    if (kind !== 'passkeys' || earlier === undefined) return undefined
    const text = await redis.get(at(`kept:passkeys:${key}`))
    const signed = text === null ? undefined : earlier.verify(`passkeys:${key}`, text)
    if (text !== null && signed === undefined) report(at(`kept:passkeys:${key}`), text)
    return signed === undefined ? undefined : (JSON.parse(signed) as never)
  }
  return {
    async setValue(kind, key, value, seconds) {
      const name = nameOf(kind, key)
      const text = sign(name, value, seconds)
      if (seconds === undefined) await redis.set(at(name), text)
      else await redis.set(at(name), text, 'EX', Math.max(1, Math.ceil(seconds)))
    },
    async getValue(kind, key) {
      const text = await redis.get(at(nameOf(kind, key)))
      return text === null ? openEarlier(kind, key) : open(nameOf(kind, key), text)
    },
    takeValue: async (kind, key) => open(nameOf(kind, key), await redis.getdel(at(nameOf(kind, key)))),
    async deleteValue(kind, key) {
      await redis.del(at(nameOf(kind, key)), at(`kept:${kind}:${key}`))
    },
    async setField(kind, key, field, value, seconds) {
      const hash = hashOf(kind, key)
      await saveField(at(hash), field, sign(`${hash}:${field}`, value, seconds), Math.max(1, Math.ceil(seconds)))
    },
    async fields(kind, key) {
      const hash = hashOf(kind, key)
      const all = Object.entries(await redis.hgetall(at(hash))).map(
        ([field, text]) => [field, open(`${hash}:${field}`, text)] as const,
      )
      const expired = all.flatMap(([field, value]) => (value === undefined ? [field] : []))
      if (expired.length > 0) await redis.hdel(at(hash), ...expired)
      return new Map(all.flatMap(([field, value]) => (value === undefined ? [] : [[field, value] as const])))
    },
    async field(kind, key, field) {
      const hash = hashOf(kind, key)
      return open(`${hash}:${field}`, await redis.hget(at(hash), field))
    },
    async deleteField(kind, key, field) {
      await redis.hdel(at(hashOf(kind, key)), field)
    },
  }
}

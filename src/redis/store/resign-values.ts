import type { Redis } from 'ioredis'
import type { Signer } from '#core/ports/signing'
import { redisScript } from '#src/redis/script'

/** Number of keys that one step of the search looks at. */
const scanCount = 500

/**
 * Signs values that never expire (passkeys, conversations, the hash of the policy) with the present secret, where another accepted one has
 * signed them: otherwise they would end with that secret. Resolves with how many there were. Values with a lifetime end before the other
 * secret is removed. `earlier`: signer of version 0.1, whose passkeys get the present form.
 */
export async function resignLastingValues(
  redis: Redis,
  { signer, earlier, prefix = 'retina' }: { signer: Signer; earlier: Signer; prefix?: string },
): Promise<number> {
  const replace = redisScript(redis, 'replace-lasting', 1)
  let count = 0
  for await (const key of keysLike(redis, `${prefix}:value:*`)) {
    const name = key.slice(prefix.length + 1)
    const stored = (await redis.get(key)) ?? ''
    const text = signer.verify(name, stored)
    if (text === undefined || stored === signer.sign(name, text)) continue
    count += Number(await replace(key, stored, signer.sign(name, text)))
  }
  for await (const key of keysLike(redis, `${prefix}:kept:passkeys:*`)) {
    const person = key.slice(`${prefix}:kept:passkeys:`.length)
    const text = earlier.verify(`passkeys:${person}`, (await redis.get(key)) ?? '')
    if (text === undefined) continue
    const name = `value:passkeys:${person}`
    const envelope = `{"value":${text}}`
    if ((await redis.set(`${prefix}:${name}`, signer.sign(name, envelope), 'NX')) === 'OK') count += 1
  }
  return count
}

async function* keysLike(redis: Redis, pattern: string): AsyncIterable<string> {
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', scanCount)
    yield* keys
    cursor = next
  } while (cursor !== '0')
}

import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Signer } from '#core/ports/signing'
import { redisScript } from './script.ts'
import type { ReportBroken } from './store/signed-values.ts'

/**
 * Returns a getter of the installation's id, which distinguishes it from other installations in the same cluster: 16
 * characters of 0–9 and a–f, valid as a label value. The id is created once, is the same for all processes on this
 * Redis, and is read once per process. Rejects for an id that this program didn't write: with another installation's id
 * it would remove that one's pods.
 */
export function redisInstallationId(
  redis: Redis,
  { signer, report = () => undefined, prefix = 'retina' }: { signer: Signer; report?: ReportBroken; prefix?: string },
): () => Promise<string> {
  const key = `${prefix}:installation`
  const name = 'installation'
  const replace = redisScript(redis, 'replace', 1)
  let cached: Promise<string> | undefined
  const load = async () => {
    const newId = randomBytes(8).toString('hex')
    await redis.set(key, signer.sign(name, newId), 'NX')
    const text = (await redis.get(key)) ?? ''
    const id = signer.verify(name, text)
    if (id !== undefined) {
      const signed = signer.sign(name, id)
      if (text !== signed) await replace(key, text, signed)
      return id
    }
    // An earlier version stored the id without a signature.
    if (/^[0-9a-f]{16}$/.test(text) && (await replace(key, text, signer.sign(name, text))) === 1) return text
    report(key, text)
    throw new Error('the id of the installation in Redis was changed')
  }
  return () => {
    cached ??= load().catch((error: unknown) => {
      cached = undefined
      throw error
    })
    return cached
  }
}

import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Artifact, ArtifactStore } from '#core/ports/artifacts'
import type { Signer } from '#core/ports/signing'
import { redisScript } from '#src/redis/script'
import type { ArtifactLimit } from './artifact-limit.ts'
import type { ReportBroken } from './signed-values.ts'

export type ArtifactStoreOptions = {
  signer: Signer
  prefix?: string
  /** Returns ms since 1970, by the clock that all processes share. */
  now: () => number
  report: ReportBroken
  limit: ArtifactLimit
}

/** Stores artifacts in Redis, all together within one limit. What describes an artifact, its hash too, is signed. */
export function redisArtifactStore(redis: Redis, options: ArtifactStoreOptions): ArtifactStore {
  const { signer, prefix = 'retina', now, report, limit } = options
  const change = redisScript(redis, 'change-artifacts', 4)
  const keyOf = (name: string) => `${prefix}:artifact:${name}`
  const indexKey = `${prefix}:artifacts`
  const keys = (name: string) => [keyOf(name), indexKey, `${prefix}:artifact-sizes`, `${prefix}:artifact-bytes`]
  const run = async (name: string, stored?: { about: string; bytes: Buffer; end: number; most: number }) => {
    const { about = '', bytes = Buffer.alloc(0), end = 0, most = -1 } = stored ?? {}
    const argv = [name, about, bytes, end, now(), most, bytes.length]
    return (await change(...keys(name), ...argv)) as ['done' | 'full', number]
  }
  return {
    async put(given, bytes) {
      if (!/^[a-zA-Z0-9./-]{1,200}$/.test(given.name)) throw new Error(`"${given.name}" is no name of an artifact`)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const artifact: Artifact = { ...given, bytes: bytes.length, sha256 }
      const about = signer.sign(`artifact:${given.name}`, JSON.stringify(artifact))
      const { most, isShort } = await limit(bytes.length)
      if (isShort) return 'full'
      const end = Date.parse(given.expiresAt)
      const [answer] = await run(given.name, { about, bytes: Buffer.from(bytes), end, most: most ?? -1 })
      return answer === 'done' ? 'stored' : 'full'
    },
    async get(name) {
      const [about, bytes] = await redis.hmgetBuffer(keyOf(name), 'about', 'bytes')
      if (about === undefined || about === null || bytes === undefined || bytes === null) return undefined
      const text = about.toString()
      const signed = signer.verify(`artifact:${name}`, text)
      const artifact = signed === undefined ? undefined : (JSON.parse(signed) as Artifact)
      if (artifact !== undefined && Date.parse(artifact.expiresAt) <= now()) return undefined
      const isWhole = artifact?.sha256 === createHash('sha256').update(bytes).digest('hex')
      if (artifact !== undefined && isWhole) return { artifact, bytes }
      report(keyOf(name), text)
      return 'broken'
    },
    async names(prefixOfName) {
      const names = await redis.zrangebyscore(indexKey, now() + 1, '+inf')
      return names.filter((name) => name.startsWith(prefixOfName)).toSorted()
    },
    async remove(name) {
      await run(name)
    },
    async room() {
      const [, usedBytes] = await run('')
      const { most, freeBytes } = await limit(0)
      const free = Math.min(freeBytes ?? Number.POSITIVE_INFINITY, (most ?? Number.POSITIVE_INFINITY) - usedBytes)
      return { usedBytes, freeBytes: free === Number.POSITIVE_INFINITY ? undefined : Math.max(0, free) }
    },
  }
}

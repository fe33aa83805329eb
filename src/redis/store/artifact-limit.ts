import { memoize } from '#core/util/memoize'
import type { RedisMemory } from '#src/redis/health'

/** Part of Redis' memory that artifacts leave to everything else: commands are accepted while they find no room. */
const usableShare = 0.9
/** Ms for which the memory that Redis says it uses counts. */
const maxAgeMs = 1_000

/**
 * Returns the maximum total of all artifacts in bytes, undefined for none; whether Redis has too little memory for `bytes` more of them, and
 * how much it has.
 */
export type ArtifactLimit = (
  bytes: number,
) => Promise<{ most: number | undefined; isShort: boolean; freeBytes: number | undefined }>

/** Creates the limit. `share`: bytes, or a part of Redis' `maxmemory` such as `25%`, which is none where that isn't set. */
export function artifactLimit(
  memory: () => Promise<RedisMemory | undefined>,
  share: number | string,
  now: () => number = () => performance.now(),
): ArtifactLimit {
  const current = memoize(memory, now, maxAgeMs)
  return async (bytes) => {
    const { usedBytes = 0, limitBytes = 0 } = (await current('memory')) ?? {}
    const most = typeof share === 'number' ? share : percentOf(share, limitBytes)
    if (limitBytes === 0) return { most, isShort: false, freeBytes: undefined }
    const freeBytes = Math.max(0, Math.floor(limitBytes * usableShare) - usedBytes)
    return { most, isShort: bytes > freeBytes, freeBytes }
  }
}

function percentOf(share: string, limitBytes: number): number | undefined {
  return limitBytes === 0 ? undefined : Math.floor((limitBytes * Number(share.slice(0, -1))) / 100)
}

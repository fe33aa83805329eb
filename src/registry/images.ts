import type { Images } from '#core/ports/cluster'
import { imageName, withDigest } from '#core/request/image'
import { createCache } from '#core/util/cache'
import { digestOf, type RegistryOptions, type RegistryTiming } from './look-up-manifest.ts'

/** How the owner wants images pinned. */
export type ImageSettings = RegistryOptions & {
  /**
   * `registry`: registries are asked for digests. `digest`: only the configured one is used. `off`: tags remain as they
   * are.
   */
  pin: 'registry' | 'digest' | 'off'
  /** The configured image, `repo:version`, and its digest if the owner configured one. */
  image: string
  digest?: string
}

type Found = Awaited<ReturnType<typeof digestOf>>

/** Maximum of cached answers; people may name images of their own. */
const maxEntries = 500

/** Seconds for which a failure is cached: a registry that hangs must not delay every run. */
const failureAgeSeconds = 60

type Answer = { at: number; found: Promise<Found>; failed: boolean }

/**
 * Creates the lookup of image digests, from the owner's file or their registry. Reuses answers up to the caller's
 * `maxAge` (seconds).
 */
export function registryImages(settings: () => ImageSettings, timing?: RegistryTiming): Images {
  const answers = createCache<Answer>(maxEntries)

  const lookUp = (image: string, options: RegistryOptions, maxAge: number): Promise<Found> => {
    const cached = answers.get(image)
    const ageSeconds = maxAge > 0 && cached?.failed ? failureAgeSeconds : maxAge
    // Callers share a pending lookup, unless they need an answer that is newer than its start.
    if (cached !== undefined && performance.now() - cached.at < ageSeconds * 1_000) return cached.found
    const answer: Answer = { at: performance.now(), found: digestOf(image, options, timing), failed: false }
    void answer.found.then((found) => {
      answer.failed = 'problem' in found
    })
    answers.set(image, answer)
    return answer.found
  }

  return {
    async pin(image, maxAge) {
      const { pin, digest, ...rest } = settings()
      if (pin === 'off' || imageName(image).digest !== undefined) return { image }
      if (digest !== undefined && image === rest.image) return { image: withDigest(image, digest) }
      if (pin === 'digest') return { problem: `no digest is configured for ${image}, and registry lookups are off` }
      const found = await lookUp(image, rest, maxAge)
      return 'digest' in found ? { image: withDigest(image, found.digest) } : found
    },
  }
}

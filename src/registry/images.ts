import type { Images } from '#core/ports/cluster'
import { imageName, withDigest } from '#core/request/image'
import { digestOf, type RegistryOptions, type RegistryTiming } from './digest.ts'

/** How the owner wants images pinned. */
export type ImageSettings = RegistryOptions & {
  /** Ask registries for digests; know only the configured one; leave tags as they are. */
  pin: 'registry' | 'digest' | 'off'
  /** The configured image, `repo:version`, and its digest where the owner named it. */
  image: string
  digest?: string
}

type Found = Awaited<ReturnType<typeof digestOf>>

/** Answers that are remembered at the most; people may name images of their own. */
const maxEntries = 500

/** Seconds that a failure is remembered: a registry that hangs must not hold up every run. */
const failureAge = 60

type Answer = { at: number; found: Promise<Found>; failed: boolean }

/** Digests of images, from the owner's file or their registry; an answer is reused up to the age that the caller allows. */
export function registryImages(settings: () => ImageSettings, timing?: RegistryTiming): Images {
  const answers = new Map<string, Answer>()

  const look = (image: string, options: RegistryOptions, maxAge: number): Promise<Found> => {
    const known = answers.get(image)
    const age = maxAge > 0 && known?.failed ? failureAge : maxAge
    // Who comes while a question is under way waits for the same answer, unless it has to be newer than that.
    if (known !== undefined && performance.now() - known.at < age * 1_000) return known.found
    const answer: Answer = { at: performance.now(), found: digestOf(image, options, timing), failed: false }
    void answer.found.then((found) => {
      answer.failed = 'problem' in found
    })
    answers.delete(image)
    answers.set(image, answer)
    const [oldest] = answers.keys()
    if (answers.size > maxEntries && oldest !== undefined) answers.delete(oldest)
    return answer.found
  }

  return {
    async pin(image, maxAge) {
      const { pin, digest, ...rest } = settings()
      if (pin === 'off' || imageName(image).digest !== undefined) return { image }
      if (digest !== undefined && image === rest.image) return { image: withDigest(image, digest) }
      if (pin === 'digest') return { problem: `no digest is configured for ${image}, and registries aren't asked` }
      const found = await look(image, rest, maxAge)
      return 'digest' in found ? { image: withDigest(image, found.digest) } : found
    },
  }
}

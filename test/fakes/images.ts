import type { Images } from '#core/ports/cluster'

export type FakeImages = Images & {
  /** Digest that each tag refers to now. */
  digests: Map<string, string>
  /** Why no digest is known. */
  problem?: string
}

/** Returns a resolver of images in memory: each tag has a digest, the same one until it is moved. */
export function memoryImages(): FakeImages {
  const images: FakeImages = {
    digests: new Map(),
    async pin(image) {
      if (image.includes('@')) return { image }
      if (images.problem !== undefined) return { problem: images.problem }
      return { image: `${image}@${images.digests.get(image) ?? `sha256:${'a'.repeat(64)}`}` }
    },
  }
  return images
}

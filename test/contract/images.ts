import { describe, expect, test } from '@jest/globals'
import type { Images } from '#core/ports/cluster'

/** Resolver under test: the registry has `image`; `move` lets its tag refer to another digest. */
export type ImagesBench = {
  images: Images
  image: string
  move: () => void
  /** Whether the registry answers. */
  reach: (isReachable: boolean) => void
}

/** Tests what every resolver of images has to do. */
export function imagesContract(name: string, open: () => Promise<ImagesBench>): void {
  describe(`${name} meets the contract of images`, () => {
    test('a tag gets its digest, and another one once it is moved; an image with a digest stays as it is', async () => {
      const { images, image, move } = await open()
      const pinned = await images.pin(image, 0)
      expect(pinned).toEqual({ image: expect.stringMatching(/@sha256:[0-9a-f]{64}$/) })
      if (!('image' in pinned)) return
      expect(pinned.image.startsWith(`${image}@`)).toBe(true)
      expect(await images.pin(pinned.image, 0)).toEqual(pinned)
      move()
      expect(await images.pin(image, 0)).not.toEqual(pinned)
      expect(await images.pin(pinned.image, 0)).toEqual(pinned)
    })

    test('where the registry doesn’t answer, it says why the digest is unknown', async () => {
      const { images, image, reach } = await open()
      reach(false)
      expect(await images.pin(image, 0)).toEqual({ problem: expect.stringMatching(/[^.]$/) })
    })
  })
}

import { expect, test } from '@jest/globals'
import { type ImageSettings, registryImages } from '#src/registry/images'
import { push } from '#test/fakes/registry/state'
import { useRegistry } from './use-registry.ts'

const { registry } = useRegistry()
const digest = `sha256:${'a'.repeat(64)}`

function open(change: Partial<ImageSettings> = {}) {
  const image = `${registry().host}/retina/shell:v1`
  const settings: ImageSettings = { pin: 'registry', image, insecure: [], ...change }
  return { images: registryImages(() => settings), image, settings }
}

const asked = () => registry().state.requests.length

test('T37 an image is pinned by its registry, which is asked once for concurrent lookups, and again for a more recent result', async () => {
  const { images, image } = open()
  const first = push(registry().state, 'retina/shell', 'v1')
  const all = await Promise.all(Array.from({ length: 50 }, () => images.pin(image, 60)))
  expect(new Set(all.map((each) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify({ image: `${image}@${first}` })]),
  )
  expect(asked()).toBe(1)
  const second = push(registry().state, 'retina/shell', 'v1')
  expect(await images.pin(image, 60)).toEqual({ image: `${image}@${first}` })
  expect(await images.pin(image, 0)).toEqual({ image: `${image}@${second}` })
  expect(await images.pin(image, 60)).toEqual({ image: `${image}@${second}` })
})

test('a configured digest needs no registry, and applies to the configured image only', async () => {
  const { images, image } = open({ digest })
  expect(await images.pin(image, 0)).toEqual({ image: `${image}@${digest}` })
  expect(asked()).toBe(0)
  const other = push(registry().state, 'retina/shell', 'v2')
  expect(await images.pin(image.replace(':v1', ':v2'), 0)).toEqual({ image: `${image.replace(':v1', ':v2')}@${other}` })
})

test('with pinning by configured digest only, no registry is asked for any image', async () => {
  const { images, image } = open({ digest, pin: 'digest' })
  expect(await images.pin(image, 0)).toEqual({ image: `${image}@${digest}` })
  const other = image.replace(':v1', ':v2')
  expect(await images.pin(other, 0)).toEqual({
    problem: `no digest is configured for ${other}, and registry lookups are off`,
  })
  expect(asked()).toBe(0)
})

test('without pinning, a tag stays a tag; an image with a digest keeps it', async () => {
  const { images, image } = open({ pin: 'off', digest })
  expect(await images.pin(image, 0)).toEqual({ image })
  expect(await open().images.pin(`${image}@${digest}`, 0)).toEqual({ image: `${image}@${digest}` })
  expect(asked()).toBe(0)
})

test('a changed setting takes effect with the next lookup', async () => {
  const { images, image, settings } = open()
  push(registry().state, 'retina/shell', 'v1')
  await images.pin(image, 60)
  settings.digest = digest
  expect(await images.pin(image, 60)).toEqual({ image: `${image}@${digest}` })
})

test('a failure is cached as long as a result, so that a registry that hangs doesn’t delay every run', async () => {
  const { images, image } = open()
  expect(await images.pin(image, 60)).toHaveProperty('problem')
  const before = asked()
  push(registry().state, 'retina/shell', 'v1')
  expect(await images.pin(image, 60)).toHaveProperty('problem')
  expect(asked()).toBe(before)
  expect(await images.pin(image, 0)).toHaveProperty('image')
})

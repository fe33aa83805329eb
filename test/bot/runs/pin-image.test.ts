import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

const digest = `sha256:${'a'.repeat(64)}`

test('what runs, and what is approved, has its digest', async () => {
  const { say, saved } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await say('alice', 'shell node001 drill x', { id: 'r2' })
  for (const id of ['r1', 'r2']) expect((await saved(id)).spec.image).toBe(`shell:v1@${digest}`)
})

test('while the digest is unknown, nothing can be approved: a different image could run', async () => {
  const { say, store, images, counted, lines } = openContexts()
  images.problem = 'the registry does not answer'
  expect(await say('alice', 'shell node001 drill x', { id: 'r1' })).toMatchObject([
    {
      ...{ kind: 'refused', message: expect.stringContaining('so a different image could run than the one approved') },
      wayOut: 'Try again when the registry is reachable, or ask #platform to set shell.image.digest.',
    },
  ])
  expect(await store.run('r1')).toBeUndefined()
  expect(counted).toEqual(['refused'])
  expect(lines('warn')).toEqual(['the image is not pinned'])
})

test('a run that needs no approval uses its tag then', async () => {
  const { say, saved, images } = openContexts()
  images.problem = 'the registry does not answer'
  expect(await say('alice', 'shell node001 dig x', { id: 'r1' })).toMatchObject([{ kind: 'queued' }])
  expect((await saved('r1')).spec.image).toBe('shell:v1')
})

test('an approval asks the registry again, other runs use an answer of some seconds', async () => {
  const { say, bot, images } = openContexts()
  const ages: number[] = []
  const { pin } = images
  images.pin = (image, maxAge) => {
    ages.push(maxAge)
    return pin(image, maxAge)
  }
  await say('alice', 'shell node001 drill x')
  await say('alice', 'shell node001 dig x')
  expect(ages).toEqual([0, bot.timing.tagCacheMs / 1_000])
})

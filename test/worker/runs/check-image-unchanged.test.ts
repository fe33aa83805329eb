import { expect, test } from '@jest/globals'
import { checkImageUnchanged } from '#src/worker/runs/check-image-unchanged'
import { openContexts } from '#test/samples/contexts'

const moved = `sha256:${'b'.repeat(64)}`

/** Opens contexts with an approved run (`drill`) or one that needed no approval (`dig`). */
async function open(tool: 'dig' | 'drill') {
  const all = openContexts()
  await all.say('alice', `shell node001 ${tool} x`, { id: 'r1' })
  if (tool === 'drill') await all.say('bob', 'approve r1')
  return { ...all, check: async () => checkImageUnchanged(all.worker, await all.saved('r1')) }
}

test.each(['dig', 'drill'] as const)('a tag that still is what was decided on lets %s run', async (tool) => {
  const { check, audit } = await open(tool)
  const before = audit.records.length
  expect(await check()).toEqual({ ok: true })
  expect(audit.records).toHaveLength(before)
})

test.each([
  ['dig', 'requested'],
  ['drill', 'approved'],
] as const)('T37 after its tag was moved, %s is refused with an alarm: it was %s before', async (tool, when) => {
  const { check, images, details } = await open(tool)
  images.digests.set('shell:v1', moved)
  expect(await check()).toMatchObject({
    end: { reason: 'refused', message: expect.stringContaining(`the image's tag was moved after it was ${when}`) },
  })
  expect(details('alarm')).toMatchObject({ image: expect.stringContaining('shell:v1@sha256:aaa') })
})

test('a registry that doesn’t answer stops no run: the digest says what runs', async () => {
  for (const tool of ['dig', 'drill'] as const) {
    const { check, images } = await open(tool)
    images.problem = 'no answer'
    expect(await check()).toEqual({ ok: true })
  }
})

test('an approved run without a digest is refused where digests are required now', async () => {
  const { check, store, images } = await open('drill')
  await store.changeRun('r1', (run) => ({ ...run, spec: { ...run.spec, image: 'shell:v1' } }))
  expect(await check()).toMatchObject({
    end: { message: expect.stringContaining('was not pinned when it was approved') },
  })
  images.problem = 'no answer'
  expect(await check()).toMatchObject({ end: { reason: 'refused' } })
  // The owner has disabled pinning.
  images.pin = async (image) => ({ image })
  expect(await check()).toEqual({ ok: true })
})

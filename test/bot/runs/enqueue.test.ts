import { expect, test } from '@jest/globals'
import { enqueue, enqueueSaved } from '#src/bot/runs/enqueue'
import { openContexts } from '#test/samples/contexts'
import { sampleRequest, sampleRun } from '#test/samples/run'

const place = { platform: 'slack' as const, team: 'T', channel: 'C' }

function openDraft(id = 'r1') {
  const all = openContexts()
  const at = all.clock.now().toISOString()
  const draft = sampleRun({
    ...{ request: sampleRequest({ id, at, thread: place }), queuedAt: at, message: { ...place, message: 'm0' } },
  })
  const save = async () => {
    await all.store.addRun(draft)
    return draft
  }
  return { ...all, draft, save }
}

test('a run is recorded, saved with its message and only then queued', async () => {
  const { bot, draft, queue, recorded, counted, store } = openDraft()
  const order: string[] = []
  await enqueue(bot, draft, async () => {
    order.push(...recorded(), `queued ${await queue.has('r1')}`)
    await store.addRun(draft)
    return draft
  })
  expect(order).toEqual(['queued r1 carol@example.com', 'queued false'])
  expect(await queue.has('r1')).toBe(true)
  expect(counted).toEqual(['queued'])
})

test('a person’s further runs of a minute come behind those of others', async () => {
  const { bot, draft, save, clock } = openDraft()
  const counts: number[] = []
  const add = () =>
    enqueue(bot, draft, async (recentRuns) => {
      counts.push(recentRuns)
      return save()
    })
  await add()
  await add()
  clock.pass(61_000)
  await add()
  expect(counts).toEqual([1, 2, 1])
})

test('what can’t be recorded is neither saved nor queued', async () => {
  const { bot, draft, save, queue, audit, store } = openDraft()
  audit.fails = new Error('away')
  await expect(enqueue(bot, draft, save)).rejects.toThrow('away')
  expect([await store.run('r1'), await queue.has('r1')]).toEqual([undefined, false])
})

test('a full queue ends the run, and its message says so', async () => {
  const { bot, draft, save, queue, chat, saved, counted } = openDraft()
  queue.limit = 0
  const message = await chat.post(place, { kind: 'refused', typed: '', message: 'before' })
  draft.message = message
  await enqueue(bot, draft, save)
  expect((await saved('r1')).end).toMatchObject({
    ...{ reason: 'refused', message: expect.stringContaining('the queue is full') },
  })
  expect(chat.ofKind('ended')).toMatchObject([{ end: { reason: 'refused' } }])
  expect(counted).toEqual([])
})

test('a run that is in a full queue already isn’t refused', async () => {
  const { bot, draft, save, queue, saved } = openDraft()
  await enqueue(bot, draft, save)
  queue.limit = 0
  await enqueueSaved(bot, draft)
  expect((await saved('r1')).end).toBeUndefined()
})

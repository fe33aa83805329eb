import { expect, test } from '@jest/globals'
import type { Confirmation } from '#core/approvals/confirmation'
import { openContexts, sampleChannel, samplePolicy } from '#test/samples/contexts'

/** Opens contexts in which Alice has requested r1, which has to be confirmed with a passkey. */
async function openRequested(ids: readonly string[] = ['p1']) {
  const all = openContexts({ policy: samplePolicy('confirm: passkey, window: 10m') })
  const links: Confirmation[] = []
  all.bot.passkeys = {
    ofPerson: async () => ids.map((id) => ({ id })),
    async link(confirmation) {
      links.push(confirmation)
      return 'https://bot.example/confirm'
    },
  }
  await all.say('alice', 'shell node001 drill x', { id: 'r1' })
  return { ...all, links }
}

test('an approval in a chat alone decides nothing: the approver gets a link to the page', async () => {
  const { say, saved, queue, links, bot } = await openRequested()
  expect(await say('bob', 'approve r1 --window')).toEqual([
    { kind: 'confirm', run: 'r1', who: 'Bob', link: 'https://bot.example/confirm' },
  ])
  const { approval, spec } = await saved('r1')
  expect(approval?.reviews).toEqual([])
  expect(await queue.has('r1')).toBe(false)
  expect(links).toMatchObject([
    {
      ...{ kind: 'approve', run: 'r1', specHash: bot.hash(spec), by: { id: 'bob@example.com' }, window: true },
      ...{ account: { user: 'bob' }, thread: sampleChannel },
    },
  ])
})

test('a denial needs no passkey', async () => {
  const { say, saved, links } = await openRequested()
  await say('bob', 'deny r1')
  expect([(await saved('r1')).state, links]).toEqual(['ended', []])
})

test('a person without a passkey, or a bot without such a page, approves nothing', async () => {
  const { say, saved } = await openRequested([])
  expect(await say('bob', 'approve r1')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('you have not added one yet') },
  ])
  expect((await saved('r1')).approval?.reviews).toEqual([])
  const without = await openRequested()
  delete without.bot.passkeys
  expect(await without.say('bob', 'approve r1')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('"confirm: { url }" is not set') },
  ])
})

test('who may not approve it gets no link', async () => {
  const { say, links } = await openRequested()
  expect(await say('alice', 'approve r1')).toMatchObject([{ message: expect.stringContaining('yourself') }])
  expect(await say('dave', 'approve r1')).toMatchObject([{ kind: 'refused' }])
  expect(links).toEqual([])
})

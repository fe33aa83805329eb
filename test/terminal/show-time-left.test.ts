import { expect, test } from '@jest/globals'
import { showTimeLeft } from '#src/terminal/show-time-left'
import { holdNextEdit } from '#test/fakes/chat'
import { openContexts } from '#test/samples/contexts'

const policy = `
capabilitySets: { plain-shell: { terminal: shell } }
grants: [{ to: [alice@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }]`

/** Opens contexts in which half the time of Alice's open shell s1 has passed. */
async function openHalfTime() {
  const all = openContexts({ policy })
  all.bot.terminal = { url: new URL('https://bot.example') }
  await all.say('alice', 'shell node001', { id: 's1' })
  const run = await all.saved('s1')
  const { startedAt = '', terminal } = run
  all.clock.pass((Date.parse(terminal?.until ?? '') - Date.parse(startedAt)) / 2)
  const before = structuredClone(all.chat.shown[0])
  const show = () => showTimeLeft(all.bot, run)
  return { ...all, before, show, shown: () => all.chat.shown[0] }
}

test('the time left is shown when its text changes, once', async () => {
  const { show, before, shown } = await openHalfTime()
  await show()
  expect(shown()?.message).not.toEqual(before?.message)
  await show()
  expect(shown()?.edits).toBe(1)
})

test('T31 a shell that has ended meanwhile is not shown as open', async () => {
  const { show, say, shown } = await openHalfTime()
  await say('alice', 'end s1')
  const ended = structuredClone(shown())
  await show()
  expect(shown()).toEqual(ended)
})

test('T31 the end is shown again where it came while the time left was sent', async () => {
  const { show, say, shown, chat, saved } = await openHalfTime()
  const { isSent, arrive } = holdNextEdit(chat)
  const showing = show()
  await isSent
  await say('alice', 'end s1')
  const ended = structuredClone(shown()?.message)
  arrive()
  await showing
  expect((await saved('s1')).state).toBe('ended')
  expect(shown()?.message).toEqual(ended)
})

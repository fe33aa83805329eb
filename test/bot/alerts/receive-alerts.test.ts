import { expect, test } from '@jest/globals'
import type { Alert } from '#core/alerts/alert'
import { ChatError } from '#core/ports/chat'
import { acceptAlert } from '#src/bot/alerts/receive-alerts'
import { openWithInbox } from '#test/bot/inbox/open-with-inbox'
import { sampleChannel } from '#test/samples/contexts'

const alert = (change: Partial<Alert> = {}): Alert => ({
  ...{ sender: 'prod', fingerprint: 'f1', status: 'firing', name: 'NodeNetworkReceiveErrs' },
  ...{ labels: { node: 'node001' }, texts: [], startsAt: '2026-11-24T02:00:00.000Z' },
  ...change,
})

const more = 'alerts: { senders: { prod: { from: alertmanager, channel: slack:channel/C, perMinute: 2 } } }'

function open() {
  const all = openWithInbox({ more })
  const send = async (given = alert()) => {
    const isStored = await acceptAlert(all.acceptCommand, given, sampleChannel, all.clock.now())
    await all.settled()
    return isStored
  }
  const shown = () => all.chat.shown.map(({ message }) => message.kind)
  return { ...all, send, shown }
}

test('an alert is shown once, recorded, and no person is looked up for it', async () => {
  const { send, shown, recorded, counted, isEmpty } = open()
  expect(await send()).toBe(true)
  expect(await send()).toBe(true)
  expect(shown()).toEqual(['alert'])
  expect(recorded()).toEqual([expect.stringMatching(/^alert \w{12} alerts:prod$/)])
  // The inbox itself recognises the second one.
  expect(counted).toEqual(['alert shown', 'duplicates'])
  expect(isEmpty()).toBe(true)
})

test('a chat that takes nothing yet gets it later; one that never will, loses it, and the log says where', async () => {
  const { send, chat, takeOver, shown, counted, lines, isEmpty } = open()
  chat.refuses = () => new ChatError('busy', { retryAfterMs: 1 })
  await send()
  expect(shown()).toEqual([])
  expect(isEmpty()).toBe(false)
  chat.refuses = () => undefined
  await takeOver()
  expect(shown()).toEqual(['alert'])
  chat.refuses = () => new ChatError('not_in_channel', { permanent: true })
  await send(alert({ fingerprint: 'f2' }))
  expect(counted).toContain('alert lost')
  expect(lines('error')).toContain('an alert is given up; is the bot in its channel?')
  expect(isEmpty()).toBe(true)
})

test('a resolved alert that was never shown is not shown', async () => {
  const { send, shown } = open()
  await send(alert({ status: 'resolved' }))
  expect(shown()).toEqual([])
})

test('an alert that was resolved before it was shown is shown as resolved', async () => {
  const { send, chat } = open()
  await send(alert({ status: 'resolved' }))
  await send()
  expect(chat.shown.at(-1)?.message).toMatchObject({ kind: 'alert', resolvedAt: expect.any(String) })
})

test('more alerts in a minute than a sender may show are counted in one message', async () => {
  const { send, shown, counted } = open()
  for (const fingerprint of ['a', 'b', 'c', 'd', 'e']) await send(alert({ fingerprint }))
  expect(shown()).toEqual(['alert', 'alert', 'help'])
  expect(counted.filter((each) => each === 'alert left-out')).toHaveLength(3)
})

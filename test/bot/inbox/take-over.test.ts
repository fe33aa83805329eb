import { expect, test } from '@jest/globals'
import type { CommandLease } from '#core/ports/inbox'
import { takeOver } from '#src/bot/inbox/take-over'
import { memoryInbox } from '#test/fakes/inbox'
import { waitUntil } from '#test/flow/wait-for'
import { openWithInbox } from './open-with-inbox.ts'

/** Starts to take over, with a short interval; resolves with the ids of the handled commands, once `ready` holds. */
async function takenBy(bot: Parameters<typeof takeOver>[0], ready: (handled: readonly string[]) => boolean) {
  const handled: string[] = []
  const handle = async ({ id }: CommandLease) => void handled.push(id)
  const stop = takeOver({ ...bot, timing: { ...bot.timing, takeOverIntervalMs: 1 } }, handle)
  await waitUntil('the commands are taken over', () => ready(handled))
  stop()
  return handled
}

test('abandoned commands are handled, each once, and those that another bot has aren’t', async () => {
  const { bot, commands, clock } = openWithInbox()
  const inbound = (text: string) => ({
    ...{ text, key: text, at: clock.now().toISOString() },
    account: { platform: 'slack' as const, team: 'T', user: 'alice' },
    thread: { platform: 'slack' as const, team: 'T', channel: 'C' },
  })
  for (const id of ['a', 'b', 'c']) await memoryInbox(commands).accept({ id, inbound: inbound(id) })
  for (const id of ['a', 'b']) commands.expire(id)
  const handled = await takenBy(bot, ({ length }) => length >= 2)
  expect(handled.toSorted()).toEqual(['a', 'b'])
})

test('where the store doesn’t answer, it is asked again', async () => {
  const { bot, lines } = openWithInbox()
  let asked = 0
  bot.inbox.takeOver = async () => {
    asked += 1
    if (asked === 1) throw new Error('away')
    return []
  }
  await takenBy(bot, () => asked > 1)
  expect(lines('warn')).toEqual(['commands could not be taken over; retrying soon'])
})

import { expect, test } from '@jest/globals'
import type { BotContext } from '#src/bot/context'
import { createQuestionHandler } from '#src/bot/inbox/answer-read-only-query'
import { catalogue } from '#src/tools/index'

/** Context without stores, queue and cluster: a command that does something would throw. */
const context = {
  catalogue,
  directory: { person: async () => ({ id: 'alice@example.com', name: 'Alice', groups: [] }) },
  store: { count: async () => 1, runsOf: async () => [], fields: async () => new Map() },
  count: () => undefined,
} as unknown as BotContext

const ask = (text: string) =>
  createQuestionHandler(context)({
    account: { platform: 'slack', team: 'T', user: 'U' },
    thread: { platform: 'slack', team: 'T', channel: 'C' },
    text,
    key: 'k',
    at: '2026-11-24T10:00:00Z',
  })

test.each(['shell node001 dig x', 'shell -l pool=web dig x', 'cancel abc', 'rerun abc', 'approve abc', 'deny abc no'])(
  'a form query does nothing but show: %s is refused',
  async (text) => {
    expect(await ask(text)).toEqual([{ kind: 'refused', message: 'Only read-only commands work here.', typed: text }])
  },
)

test('a command that only shows something gets its reply, a misunderstood one its suggestion', async () => {
  expect(await ask('runs')).toMatchObject([{ kind: 'listing', title: 'Your latest runs' }])
  expect(await ask('rnus')).toMatchObject([{ kind: 'misunderstood', suggestion: 'runs' }])
})

import { expect, test } from '@jest/globals'
import { hideInMessage } from '#core/messages/hide-in-message'
import { renderMessage } from '#core/messages/render'
import { requestFacts } from '#core/messages/request-facts'
import { runCard } from '#core/messages/run-card'
import { sampleRequest, sampleRun } from '#test/samples/run'

const secret = 'hunter2hunter2'
const argv = ['curl', '-u', `bob:${secret}`, 'http://a.example']
const run = sampleRun({
  request: sampleRequest({
    pipeline: [{ tool: 'curl', given: argv, argv, tools: ['curl'], special: [], known: true }],
    typed: {
      text: `shell node001 ${argv.join(' ')}`,
      entities: false,
      plain: `shell node001 ${argv.join(' ')}`,
    },
  }),
})

test.each([
  { kind: 'queued', run: runCard(run) } as const,
  { kind: 'glass-broken', run: runCard(run), facts: requestFacts(run) } as const,
  {
    kind: 'misunderstood',
    message: 'no',
    typed: `curl -u bob:${secret}`,
    suggestion: `shell node001 curl -u bob:${secret}`,
  } as const,
  {
    kind: 'output',
    run: 'abcd',
    what: `curl -u bob:${secret} on node/a`,
    text: 'a',
    page: 1,
    pages: 1,
    lines: 1,
    found: 1,
  } as const,
  { kind: 'refused', message: `"curl -u bob:${secret}" isn’t granted`, typed: `curl -u bob:${secret}` } as const,
  { kind: 'listing', title: 'Runs', columns: ['run', 'command'], rows: [['abc', `curl -u bob:${secret}`]] } as const,
])('T25 a message repeats no secret of a command: $kind', (message) => {
  expect(JSON.stringify(renderMessage(message))).not.toContain(secret)
  expect(JSON.stringify(renderMessage(message))).toContain('[redacted: password]')
})

test('T25 links of the bot’s own, and messages without secrets, stay as they are', () => {
  const link = {
    kind: 'link',
    run: 'abcd',
    who: 'Alice',
    link: 'https://bot.example/runs/abcd#token=Qx7mZp2KvB9tRw4L',
  } as const
  const card = { kind: 'queued', run: runCard(sampleRun()), note: 'position 3 of 5' } as const
  expect(hideInMessage(link)).toEqual(link)
  expect(hideInMessage(card)).toEqual(card)
})

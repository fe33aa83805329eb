import { expect, test } from '@jest/globals'
import type { Message } from '#core/messages/message'
import type { RequestFacts } from '#core/messages/request-facts'
import { viewText } from '#core/output/output-view'
import { endedWith, sampleMessages } from '#test/samples/messages'
import type { ChatBench } from './chat-adapter.ts'

const last = 'the very last line'

/** Extreme outputs of tools and texts of people; each ends with the line that must be visible. */
const extremes: readonly (readonly [name: string, text: string])[] = [
  ['a line of 100 kB', `${'x'.repeat(100_000)}\n${last}`],
  ['1,000 lines', `${'one of a thousand lines\n'.repeat(1_000)}${last}`],
  ['10,000 lines of one letter', `${'x\n'.repeat(10_000)}${last}`],
  ['emoji', `${'👩🏽‍🚀🏳️‍🌈'.repeat(800)}\n${last}`],
  ['right-to-left', `${'שלום עולם مرحبا بالعالم '.repeat(300)}\n${last}`],
  ['backticks and code fences', `${'```js\n`x` ``y``\n'.repeat(300)}${last}`],
  ['mentions', `${'<!channel> <@U0BOB> @everyone <at>bob</at> '.repeat(200)}\n${last}`],
  ['markup', `${'<b>&amp;</b> [a](http://x) **b** _c_ {{DATE(1)}} \\n '.repeat(200)}\n${last}`],
  ['quotes and backslashes', `${'"\\\'\\"'.repeat(3_000)}\n${last}`],
  ['spaces', `${' '.repeat(5_000)}\n${last}`],
  ['nothing but line ends', `${'\n'.repeat(3_000)}${last}`],
]

/** Fills every text of a message that people or tools write, up to its limit. */
function withLongTexts(message: Message, text: string): Message {
  const command = text.slice(0, 4_000)
  switch (message.kind) {
    case 'ended':
    case 'queued':
    case 'starting':
    case 'running':
      return { ...message, run: { ...message.run, command, typed: command } }
    case 'session':
      return { ...message, run: { ...message.run, command, typed: command } }
    case 'refused':
    case 'misunderstood':
      return { ...message, typed: command, message: text.slice(0, 500) }
    case 'asking':
    case 'glass-broken':
    case 'standing-use':
    case 'decided':
      return { ...message, run: { ...message.run, typed: command }, facts: withLongFacts(message.facts, text) }
    case 'output':
      return { ...message, what: command, words: text.slice(0, 2_000) }
    case 'listing':
      return { ...message, rows: Array.from({ length: 50 }, () => message.columns.map(() => text.slice(0, 300))) }
    case 'help':
      return { ...message, title: text.slice(0, 100) }
    case 'confirm':
    case 'link':
    case 'replay-link':
    case 'session-link':
      return { ...message, who: text.slice(0, 100) }
    case 'fan-out':
      return { ...message, command, results: message.results.map((each) => ({ ...each, said: text.slice(0, 100) })) }
    case 'triage':
      return {
        ...message,
        where: text.slice(0, 300),
        findings: message.findings.map((each) => ({ ...each, said: text.slice(0, 300), evidence: text.slice(0, 640) })),
        notLookedAt: [text.slice(0, 300)],
      }
    case 'timeline': {
      const entry = { at: '2026-11-24T03:00:00.000Z', kind: 'run' as const, who: text.slice(0, 80), id: 'r1' }
      const what = text.slice(0, 300)
      return { ...message, entries: Array.from({ length: 300 }, () => ({ ...entry, what, finding: what })) }
    }
    case 'alert': {
      const labels = Array.from({ length: 12 }, () => ({ label: text.slice(0, 60), value: text.slice(0, 300) }))
      return { ...message, name: text.slice(0, 300), texts: [text.slice(0, 300)], labels }
    }
    case 'trouble':
      return { ...message, message: text.slice(0, 500) }
  }
}

function withLongFacts(facts: RequestFacts, text: string): RequestFacts {
  const { requester } = facts
  const argument = text.slice(0, 3_990)
  return { ...facts, requester: { ...requester, name: text }, pipeline: [['cat', argument]], reason: text }
}

/** Tests that a message with any text stays within the platform's limits and shows the last line and the exit code. */
export function extremesContract(name: string, open: () => Promise<ChatBench>): void {
  test.each(extremes)(`${name} accepts %s in every kind of message`, async (_what, text) => {
    const { adapter, thread, shown, unhurried } = await open()
    unhurried()
    const { outputChars } = adapter.limits
    for (const message of sampleMessages) {
      const posted = await adapter.post(thread, withLongTexts(message, text))
      const ended: Message = {
        ...endedWith(''),
        output: viewText(text, outputChars),
        end: { ...endedWith('').end, reason: 'failed', exitCode: 7 },
      }
      await adapter.edit(posted, withLongTexts(ended, message.kind === 'queued' ? text : 'dig'))
      const all = await shown()
      expect(all.at(-1)).toContain(last)
      expect(all.at(-1)).toContain('Failed, exit code 7')
    }
  })
}

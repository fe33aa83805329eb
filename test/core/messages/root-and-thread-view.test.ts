import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { endedWith } from '#test/samples/messages'

type Ended = Extract<Message, { kind: 'ended' }>

const root = (message: Ended) => renderMessage({ ...message, part: 'root' })
const thread = (message: Ended) => renderMessage({ ...message, part: 'thread' })
const failed = { reason: 'failed' as const, exitCode: 1, complete: true, at: '2026-11-24T03:00:05.000Z' }

test('for any texts, the message in the channel has a first line, a last line, and one between them at most, each of them one line', () => {
  const text = fc.string({ maxLength: 400, unit: 'grapheme' })
  fc.assert(
    fc.property(text, text, text, fc.option(text), (command, by, output, reason) => {
      const message = endedWith(output)
      const {
        title,
        facts,
        text: why,
        output: shown,
        headline,
      } = root({
        ...message,
        run: { ...message.run, command, by },
        end: reason === null ? message.end : { ...failed, message: reason },
      })
      expect(facts).toHaveLength(1)
      for (const line of [title, why ?? '', ...facts]) expect(line).not.toContain('\n')
      expect(title.length).toBeLessThanOrEqual(160)
      expect([shown, headline]).toEqual([undefined, undefined])
    }),
  )
})

test.each<[string, Partial<Ended>, string]>([
  [
    'what the output means',
    { insight: { severity: 'warn', headline: '10.0.0.1 answers with 20 % loss', facts: [] } },
    '10.0.0.1 answers with 20 % loss',
  ],
  ['an output of one line', endedWith('93.184.215.14'), '93.184.215.14'],
  ['the last line of a tool that failed', { ...endedWith('one\nno such file'), end: failed }, 'no such file'],
  ['the state, where there is no shorter result', endedWith('one\ntwo'), 'Done, exit code 0, after 4 s: ping -c 5'],
  [
    'the state, where a reason follows',
    { end: { ...failed, reason: 'refused', message: 'denied by Bob' } },
    'Refused after 4 s: ping -c 5',
  ],
  ['a warning, where the stored output was changed', { changed: true }, 'The stored output was changed'],
])('the first line in the channel is %s', (_what, change, expected) => {
  expect(root({ ...endedWith('one\ntwo'), ...change }).title).toContain(expected)
})

test('what ran where, for whom, is in the last line, whatever the first one is', () => {
  const [facts = ''] = root(endedWith('93.184.215.14')).facts
  expect(facts).toBe(
    'Done, exit code 0, after 4 s: ping -c 5 10.0.0.1 on node/node001 · Carol · cluster dev · run abcdefgh2345',
  )
})

test('the buttons of the output are under it, the others in the channel', () => {
  const message = endedWith('x')
  const actions = ['rerun', 'rerun-with', 'output', 'filter', 'link', 'end'] as const
  const long: Ended = { ...message, run: { ...message.run, actions }, output: { ...message.output, linesBefore: 9 } }
  expect(root(long).actions).toEqual(['rerun', 'rerun-with', 'link', 'end'])
  expect(thread(long).actions).toEqual(['output', 'filter'])
})

test('the message in the thread has the exact command and all of the details, and no word of the state', () => {
  const command = `echo ${'x'.repeat(1_000)}`
  const message = endedWith('the output')
  const view = thread({ ...message, run: { ...message.run, command }, hint: 'try again', end: failed })
  expect(view.title).toBe(`${command} on node/node001`)
  expect(view).toMatchObject({ output: 'the output', hint: 'try again' })
  expect(view.facts.at(-1)).toContain('set probe · cluster dev · at most 60 s')
  expect(JSON.stringify(view)).not.toMatch(/Failed|exit code/)
})

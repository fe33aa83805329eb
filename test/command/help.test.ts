import { expect, test } from '@jest/globals'
import { helpMessage } from '#src/command/help'
import { parse } from '#src/command/parse'
import { words } from '#src/command/words/all-words'
import { catalogue } from '#src/tools/index'

const help = (topic?: string) => {
  const notice = helpMessage(topic, catalogue, () => true)
  if (notice.kind !== 'help') throw new Error(JSON.stringify(notice))
  return notice
}

test.each(Object.keys(words).filter((verb) => verb !== 'help'))(
  'help %s has a page of its own, whose examples can be parsed',
  (verb) => {
    const page = help(verb)
    expect(page.title).not.toContain('There is no help')
    expect(page.title).not.toBe(help().title)
    for (const { command } of page.examples)
      expect([command, parse({ text: command }, catalogue).verb]).not.toContain('misunderstood')
  },
)

test.each(catalogue.names)('help %s: the tool’s examples can be parsed too', (tool) => {
  for (const { command } of help(tool).examples) {
    const text = command.replace(/\b(TARGET|NODE)\b/, 'node001')
    expect([command, parse({ text }, catalogue).verb]).toEqual([command, 'shell'])
  }
})

test('help on an unknown word suggests the most similar one', () => {
  expect(help('pnig').title).toContain('The closest is `help ping`.')
})

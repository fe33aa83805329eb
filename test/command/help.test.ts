import { expect, test } from '@jest/globals'
import { helpMessage } from '#src/command/help'
import { parse, verbs } from '#src/command/parse'
import { catalogue } from '#src/tools/index'

const help = (topic?: string) => {
  const notice = helpMessage(topic, catalogue, () => true)
  if (notice.kind !== 'help') throw new Error(JSON.stringify(notice))
  return notice
}

test.each(verbs.filter((verb) => verb !== 'help'))(
  'help %s has a page of its own, whose examples are understood',
  (verb) => {
    const page = help(verb)
    expect(page.title).not.toContain('There is no help')
    expect(page.title).not.toBe(help().title)
    for (const { command } of page.examples)
      expect([command, parse({ text: command }, catalogue).verb]).not.toContain('misunderstood')
  },
)

test.each(catalogue.names)('help %s: a tool’s examples are understood too', (tool) => {
  for (const { command } of help(tool).examples) {
    const text = command.replace(/\b(TARGET|NODE)\b/, 'node001')
    expect([command, parse({ text }, catalogue).verb]).toEqual([command, 'shell'])
  }
})

test('a word that there is no help on leads to the nearest one', () => {
  expect(help('pnig').title).toContain('The closest is `help ping`.')
})

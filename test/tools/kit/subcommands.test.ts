import { expect, test } from '@jest/globals'
import { commands, group, readCommands, withKeywords } from '#src/tools/kit/subcommands'

const list = [
  group('link', commands('add! set,change! show,list')),
  group('address', commands('add! show,lst save!')),
  ...withKeywords(commands('monitor'), commands('file*= label dev=', 'reads a file'), /^\d+$/),
  ...commands('vrf* help'),
]

const shortly = (words: string, match: 'exact' | 'first-prefix' | 'any-prefix') => {
  const { effect, special, path } = readCommands('x', words.split(' '), list, match)
  return [effect, ...special.map(({ name }) => name), '|', ...path].join(' ')
}

test.each([
  ['link show', 'read | link show'],
  ['l s', 'write | link set'],
  ['a s', 'read | address show'],
  ['a sa', 'write | address save'],
  ['a', 'read | address'],
  ['mon f /x', 'write x monitor file | monitor'],
  ['mon dev file 5', 'read | monitor'],
  ['mon l 5', 'read | monitor'],
  ['mon other', 'write x monitor other | monitor'],
  ['vrf exec', 'write x vrf | vrf'],
  ['link frobnicate', 'write x link frobnicate | link'],
  ['frobnicate show', 'write x frobnicate |'],
])('T10 the first command that begins with a word counts: %s', (words, expected) => {
  expect(shortly(words, 'first-prefix')).toBe(expected)
})

test.each([
  ['link show', 'read | link show'],
  ['link sho', 'write x link sho | link'],
  ['l show', 'write x l |'],
])('T10 a tool without abbreviations knows whole words only: %s', (words, expected) => {
  expect(shortly(words, 'exact')).toBe(expected)
})

test('T10 where any command may be meant, the most dangerous one counts', () => {
  const verbs = commands('save swap! set*')
  expect(readCommands('x', ['s'], verbs, 'any-prefix')).toMatchObject({ effect: 'write', special: [{ name: 'x set' }] })
})

import { expect, test } from '@jest/globals'
import { readTyped } from '#src/command/command-text-and-tokens'
import { parse } from '#src/command/parse'
import { catalogue } from '#src/tools/index'

const read = (text: string) => parse(readTyped(text, false), catalogue)

test.each([
  ['timeline', { verb: 'timeline' }],
  ['timeline --since 3h', { verb: 'timeline', since: 10_800 }],
  ['timeline --since=30m', { verb: 'timeline', since: 1_800 }],
  ['timeline --since 7d', { verb: 'timeline', since: 604_800 }],
  ['timeline --page', { verb: 'timeline', page: true }],
  ['timeline --page --since 3h', { verb: 'timeline', page: true, since: 10_800 }],
  ['timeline --since=3h -page', { verb: 'timeline', page: true, since: 10_800 }],
  ['triage --alert ab12', { verb: 'triage-alert', id: 'ab12', choice: 1 }],
  ['triage --alert ab12 3', { verb: 'triage-alert', id: 'ab12', choice: 3 }],
  ['triage --message', { verb: 'triage-message' }],
])('%s', (text, command) => {
  expect(read(text)).toEqual(command)
})

test.each([
  'timeline --since 8d',
  'timeline --since 0h',
  'timeline --since',
  'timeline --since --page',
  'timeline --page node001',
  'timeline node001',
  'timeline --since 1h x',
  'triage --alert',
  'triage --alert ../x',
  'triage --alert ab12 10',
])('%s says what is wrong', (text) => {
  expect(read(text).verb).toBe('misunderstood')
})

import { expect, test } from '@jest/globals'
import type { KnownBlock } from '@slack/types'
import { tableBlock } from '#adapters/slack/table-block'
import { messageError } from '#test/fakes/slack/limits'

const tableOf = (rows: number, columns: number, text = 'ok') => ({
  caption: 'Targets',
  heads: Array.from({ length: columns }, (_none, at) => `head${at}`),
  rows: Array.from({ length: rows }, () => Array.from({ length: columns }, () => text)),
})
const textBlock = (length: number): KnownBlock => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x'.repeat(length) }] }],
})

test.each([
  [1, 2, 0],
  [100, 3, 0],
  [300, 4, 0],
  [60, 25, 0],
  [60, 20, 8_000],
])('%i rows of %i columns beside a text of %i characters are cut to what Slack takes', (rows, columns, length) => {
  const others = [textBlock(length + 1)]
  const block = tableBlock(tableOf(rows, columns), others)
  expect(messageError('x', [...others, block])).toBeUndefined()
  expect(block?.rows[0]?.length).toBe(Math.min(columns, 20))
  if ((block?.rows.length ?? 0) <= rows) expect(block?.caption).toMatch(/the first \d+ of \d+ rows/)
})

test('cells of many characters, and empty ones, are taken', () => {
  const others = [textBlock(1)]
  expect(messageError('x', [...others, tableBlock(tableOf(90, 4, 'x'.repeat(100)), others)])).toBeUndefined()
  expect(messageError('x', [...others, tableBlock(tableOf(2, 2, ''), others)])).toBeUndefined()
})

test('where nothing fits, there is no table', () => {
  expect(tableBlock(tableOf(5, 5), [textBlock(12_400)])).toBeUndefined()
  expect(tableBlock(tableOf(0, 5), [textBlock(1)])).toBeUndefined()
})

test.each([
  ['one row', { rows: [[{ type: 'raw_text', text: 'a' }]] }],
  ['rows of other lengths', { rows: [[{ type: 'raw_text', text: 'a' }], []] }],
  ['no caption', { caption: '' }],
  ['an empty cell', { rows: [[{ type: 'raw_text', text: 'a' }], [{ type: 'raw_text', text: '' }]] }],
  ['rich text as a head', { rows: [[{ type: 'rich_text', elements: [] }], [{ type: 'raw_text', text: 'a' }]] }],
  ['102 rows', { rows: Array.from({ length: 102 }, () => [{ type: 'raw_text', text: 'a' }]) }],
  [
    '21 columns',
    { rows: Array.from({ length: 2 }, () => Array.from({ length: 21 }, () => ({ type: 'raw_text', text: 'a' }))) },
  ],
  [
    'too many characters',
    { rows: [[{ type: 'raw_text', text: 'a' }], [{ type: 'raw_text', text: 'a'.repeat(10_000) }]] },
  ],
  ['a page of nothing', { page_size: 0 }],
])('the stand-in refuses a table with %s, as Slack does', (_name, change) => {
  const good = {
    type: 'data_table',
    caption: 'a',
    rows: [[{ type: 'raw_text', text: 'a' }], [{ type: 'raw_text', text: 'b' }]],
  }
  expect(messageError('x', [good])).toBeUndefined()
  expect(messageError('x', [{ ...good, ...change }])).toBe('invalid_blocks')
})

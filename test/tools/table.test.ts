import { expect, test } from '@jest/globals'
import { rows } from './table.ts'
import { verdict } from './verdict.ts'

test('the table has enough rows', () => {
  expect(rows.length).toBeGreaterThan(400)
})

test.each(rows)('T10 T11 %s is %s', (line, expected) => {
  expect(verdict(line)).toBe(expected)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { findFaults, linesPage } from './figures.ts'
import { findFault } from './judge-case.ts'
import { readLines } from './read-lines.ts'

const cases = readLines()

test.each(cases)('$target $expect: $line', (each) => {
  expect(findFault(each)).toBeUndefined()
})

test('at least 95 % of the lines work as typed, or are answered in their meaning', () => {
  expect(cases.length).toBeGreaterThanOrEqual(300)
  expect(new Set(cases.map(({ source }) => source)).size).toBeGreaterThanOrEqual(20)
  const good = cases.filter((each) => each.expect !== 'refused' && findFault(each) === undefined)
  expect(good.length / cases.length).toBeGreaterThanOrEqual(0.95)
})

test('docs/lines.md has these figures; `npm run measure-lines` writes it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/lines.md'), 'utf8')
  expect(page).toBe(linesPage(cases, findFaults(cases)))
})

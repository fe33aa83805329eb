import { expect, test } from '@jest/globals'
import { cutTable } from '#core/messages/view'
import type { CheckResult, TargetResults } from '#core/triage/check-result'
import { targetTable } from '#core/triage/target-table'

const result = (check: string, status: CheckResult['status']): CheckResult => ({ playbook: 'p', check, status })
const target = (name: string, ...results: CheckResult[]): TargetResults => ({ target: `node/${name}`, results })

test('targets that are ill come first, with the checks that are not good everywhere, the worst first', () => {
  const table = targetTable(
    [
      target('a', result('one', 'ok'), result('two', 'ok'), result('three', 'ok')),
      target('b', result('one', 'warn'), result('two', 'ok'), result('three', 'ok')),
      target('c', result('one', 'ok'), result('two', 'fail'), result('three', 'ok')),
      target('d', result('one', 'unknown'), result('two', 'ok')),
    ],
    new Map(),
  )
  expect(table).toEqual({
    checks: ['two', 'one'],
    rows: [
      { target: 'c', cells: ['fail', 'ok'] },
      { target: 'b', cells: ['ok', 'warn'] },
      { target: 'a', cells: ['ok', 'ok'] },
      { target: 'd', cells: ['ok', 'unknown'] },
    ],
    of: { targets: 4, checks: 2 },
  })
})

test('a check that was repeated shows the worst that it found', () => {
  const all = [target('a', result('one', 'ok'), result('one', 'fail')), target('b', result('one', 'ok'))]
  expect(targetTable(all, new Map())?.rows[0]).toEqual({ target: 'a', cells: ['fail'] })
})

test('one target, or everything good, has no table', () => {
  expect(targetTable([target('a', result('one', 'fail'))], new Map())).toBeUndefined()
  expect(
    targetTable([target('a', result('one', 'ok')), target('b', result('one', 'unknown'))], new Map()),
  ).toBeUndefined()
})

test('at most 100 rows and 19 checks, and what they are of', () => {
  const checks = Array.from({ length: 30 }, (_none, at) => result(`check${at}`, 'fail'))
  const table = targetTable(
    Array.from({ length: 150 }, (_none, at) => target(`n${at}`, ...checks)),
    new Map(),
  )
  expect([table?.rows.length, table?.checks.length, table?.of]).toEqual([100, 19, { targets: 150, checks: 30 }])
})

test('a table that is cut says so', () => {
  const table = {
    caption: 'All',
    heads: ['target', 'a', 'b'],
    rows: [
      ['x', '1', '2'],
      ['y', '3', '4'],
    ],
  }
  expect(cutTable(table, 5, 5)).toEqual(table)
  expect(cutTable(table, 1, 2)).toEqual({
    caption: 'All; the first 1 of 2 rows; 1 of 2 columns',
    heads: ['target', 'a'],
    rows: [['x', '1']],
  })
})

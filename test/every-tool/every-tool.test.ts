import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { expectationOf, findFault } from './check-outcome.ts'
import { expectations } from './expectations.ts'
import { toolsPage } from './page.ts'
import { rows } from './rows.ts'

/** Tools of which nothing can succeed on the development cluster: what its kernel and its nodes don't have. */
const judgedAlone = ['ipvsadm', 'wg', 'bpftrace', 'crictl', 'chronyc']

test('every example of every tool has an expectation, and no expectation is left over', () => {
  expect(rows.length).toBeGreaterThan(300)
  const expected = Object.entries(expectations).flatMap(([tool, byExample]) =>
    Object.keys(byExample).map((example) => `${tool}: ${example}`),
  )
  expect(new Set(expected)).toEqual(new Set(rows.map(({ tool, example }) => `${tool}: ${example}`)))
  for (const row of rows) expect(expectationOf(row)).toMatchObject({ matches: expect.any(RegExp) })
})

test('no tool only fails: each has an example that succeeds, but for those that this cluster can’t run', () => {
  const succeeds = new Set(rows.filter((row) => expectationOf(row).is === 'shows').map(({ tool }) => tool))
  expect([...new Set(rows.map(({ tool }) => tool))].filter((tool) => !succeeds.has(tool)).toSorted()).toEqual(
    judgedAlone.toSorted(),
  )
})

test('another exit code, another output and an answer in place of a run are faults', () => {
  const row = { tool: 'date', example: 'date', place: 'node' } as const
  const common = { ...row, line: 'date', seconds: 1 }
  const good = { ...common, is: 'run', exit: 0, reason: 'completed', output: 'Sat Nov 28 16:50:46 UTC 2026\n' } as const
  expect(findFault(good)).toBeUndefined()
  expect(findFault({ ...good, exit: 1 })).toMatch(/^node date: completed, exit code 1/)
  expect(findFault({ ...good, output: 'date: cannot set date\n' })).toMatch(/cannot set date/)
  expect(findFault({ ...common, is: 'answered', answer: 'No.' })).toBe('node date: No.')
})

test('docs/tools.md has these expectations; `npm run measure-tools -- --write` writes it', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/tools.md'), 'utf8')).toBe(toolsPage())
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { controls, recordedNames } from './controls.ts'
import { outcomeOf, seenIn } from './outcome.ts'

const root = join(import.meta.dirname, '../..')

test.each(controls.map((control) => [control.name, control] as const))(
  'the text of control %s occurs once in its file, and its tests exist',
  (_name, { file, find, replace, tests, red }) => {
    expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2)
    expect(replace).not.toBe(find)
    expect(tests.filter((each) => !existsSync(join(root, each)))).toEqual([])
    expect(tests).not.toHaveLength(0)
    expect(red).not.toHaveLength(0)
  },
)

test('there are at least thirty controls with unique names, and red.json has exactly these', () => {
  expect(controls.length).toBeGreaterThanOrEqual(30)
  expect(recordedNames.toSorted()).toEqual(controls.map(({ name }) => name).toSorted())
})

const control = { name: 'c', red: ['a', 'b'] }
const result = (...failed: readonly string[]) => ({
  name: '/x/test/one.test.ts',
  status: failed.length === 0 ? 'passed' : 'failed',
  message: '',
  assertionResults: ['a', 'b', 'c'].map((fullName) => ({
    fullName,
    status: failed.includes(fullName) ? 'failed' : 'passed',
  })),
})
const files = ['test/one.test.ts']

test.each([
  ['as recorded', ['b', 'a']],
  ['NOTHING RED', []],
  ['OTHER TESTS RED', ['a']],
  ['OTHER TESTS RED', ['a', 'b', 'c']],
])('%s: %j failed', (verdict, failed) => {
  const seen = seenIn({ testResults: [result(...failed)] }, files)
  expect(outcomeOf(control, seen, 1)).toMatchObject({ verdict, red: failed.toSorted() })
})

test('a file that can’t be run, a missing file and a run without a report count as not run', () => {
  const broken = { ...result(), status: 'failed', message: 'SyntaxError', assertionResults: [] }
  for (const report of [{ testResults: [broken] }, { testResults: [] }, undefined]) {
    expect(outcomeOf(control, seenIn(report, files), 1).verdict).toBe('NOT RUN')
  }
})

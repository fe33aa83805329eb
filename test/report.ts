import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

type Counts = { numFailedTests: number; numPassedTests: number; numPendingTests: number; numTodoTests: number }
type TestResult = {
  title: string
  fullName: string
  status: string
  failureMessages: string[]
  numPassingAsserts: number
}
type FileReport = {
  name: string
  message: string
  /** Milliseconds since 1970. */
  startTime: number
  endTime: number
  assertionResults: TestResult[]
}

/** Jest's report (`--json`), with the properties that are used here. */
export type Report = Counts & { testResults: FileReport[] }

/** Returns a list of the threats (`T07 …`), each with whether all of its tests passed; empty if there is none. */
export function threats({ testResults }: Report): string {
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  const rows = new Map<string, typeof all>()
  for (const each of all.filter(({ status }) => status === 'passed' || status === 'failed')) {
    for (const [number] of each.title.matchAll(/\bT\d\d\b/g)) rows.set(number, [...(rows.get(number) ?? []), each])
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([number, tests]) => {
      const failed = tests.filter(({ status }) => status === 'failed').length
      const [first] = tests
      const more = tests.length === 1 ? '' : ` (and ${tests.length - 1} more)`
      return `  ${failed === 0 ? 'ok    ' : 'FAILED'} ${number}  ${first?.title.replace(/^(T\d\d )+/, '').slice(0, 90)}${more}`
    })
  return lines.length === 0
    ? ''
    : `\nThreats, by the tests that have their number in the title (docs/security.md):\n${lines.join('\n')}\n`
}

/** Returns the seconds that each file took, by path from the root. */
export function secondsOf({ testResults }: Report, root: string): Record<string, number> {
  const pairs = testResults.map(({ name, startTime, endTime }) => {
    return [relative(root, name), Math.round((endTime - startTime) / 100) / 10] as const
  })
  return Object.fromEntries(pairs.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** Returns a list of the files that took longest. */
export function slowest(report: Report, root: string, maxFiles = 15): string {
  const rows = Object.entries(secondsOf(report, root)).toSorted(([, one], [, other]) => other - one)
  const lines = rows.slice(0, maxFiles).map(([file, took]) => `${took.toFixed(1).padStart(7)} s  ${file}`)
  return `\nSlowest files:\n${lines.join('\n')}\n`
}

/** Returns the failed tests, each with the first 1,500 characters of its error, and the files that could not be loaded. Printed last. */
export function failures({ testResults }: Report, root: string): string {
  const lines = testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const fileError =
      assertionResults.length === 0 && message !== '' ? [{ fullName: 'the file', failureMessages: [message] }] : []
    return [...failed, ...fileError].map(
      ({ fullName, failureMessages }) =>
        `\nFAILED ${relative(root, name)} › ${fullName}\n${stripVTControlCharacters(failureMessages.join('\n')).slice(0, 1_500)}`,
    )
  })
  return lines.join('\n')
}

/** Returns a summary like Jest's: `Tests:       1 failed, 2 skipped, 390 passed, 393 total`. `.ci/run` parses it. */
export function summary(report: Report): string {
  const [failed, skipped, todo] = [report.numFailedTests, report.numPendingTests, report.numTodoTests]
  const passed = report.numPassedTests
  const rest = [`${failed} failed`, `${skipped} skipped`, `${todo} todo`].filter((text) => !text.startsWith('0 '))
  return `Tests:       ${[...rest, `${passed} passed`, `${failed + skipped + todo + passed} total`].join(', ')}`
}

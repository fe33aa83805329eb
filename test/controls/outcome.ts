import type { RecordedControl } from './control.ts'

/** Jest's JSON report, with the properties that are used here. */
export type Report = {
  testResults: readonly {
    name: string
    status: string
    message: string
    assertionResults: readonly { fullName: string; status: string }[]
  }[]
}

/** Full names of the tests that failed (`red`), and files whose tests could not be run. */
export type Seen = { red: readonly string[]; unrun: readonly string[] }

export type Outcome = Seen & {
  name: string
  verdict: 'as recorded' | 'NOTHING RED' | 'OTHER TESTS RED' | 'NOT RUN'
  /** Tests that are recorded as red but passed. */
  missing: readonly string[]
  /** Tests that failed but are not recorded. */
  more: readonly string[]
  seconds: number
}

/** Returns which tests failed. `files`: the test files that had to be run; `errorOutput`: shown if there is no report. */
export function seenIn(report: Report | undefined, files: readonly string[], errorOutput = ''): Seen {
  if (report === undefined) return { red: [], unrun: [...files, `no report: ${errorOutput}`] }
  const results = report.testResults
  const all = results.flatMap(({ assertionResults }) => assertionResults)
  const broken = results.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
  const absent = files.filter((file) => !results.some(({ name }) => name.endsWith(`/${file}`)))
  return {
    red: [...new Set(all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName))],
    unrun: [...absent, ...broken.map(({ name, message }) => `${name}: ${message.slice(0, 500)}`)],
  }
}

/** Compares the results of a test run without a control with the recorded ones. */
export function outcomeOf({ name, red }: Pick<RecordedControl, 'name' | 'red'>, seen: Seen, seconds: number): Outcome {
  const missing = red.filter((each) => !seen.red.includes(each))
  const more = seen.red.filter((each) => !red.includes(each))
  const verdict =
    seen.unrun.length > 0
      ? 'NOT RUN'
      : seen.red.length === 0
        ? 'NOTHING RED'
        : missing.length + more.length > 0
          ? 'OTHER TESTS RED'
          : 'as recorded'
  return { name, verdict, ...seen, missing, more, seconds }
}

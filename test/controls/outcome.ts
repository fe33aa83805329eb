import type { RecordedControl } from './control.ts'

/** What of Jest's JSON report matters here. */
export type Report = {
  testResults: readonly {
    name: string
    status: string
    message: string
    assertionResults: readonly { fullName: string; status: string }[]
  }[]
}

/** Full names of the tests that failed, and files whose tests could not be run at all. */
export type Seen = { red: readonly string[]; unrun: readonly string[] }

export type Outcome = Seen & {
  name: string
  verdict: 'as recorded' | 'NOTHING RED' | 'OTHER TESTS RED' | 'NOT RUN'
  /** Recorded as red, but green; and red, but not recorded. */
  missing: readonly string[]
  more: readonly string[]
  seconds: number
}

/** `files`: the test files that were to be run; `said`: what explains that there is no report. */
export function seenIn(report: Report | undefined, files: readonly string[], said = ''): Seen {
  if (report === undefined) return { red: [], unrun: [...files, `no report: ${said}`] }
  const results = report.testResults
  const all = results.flatMap(({ assertionResults }) => assertionResults)
  const broken = results.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
  const absent = files.filter((file) => !results.some(({ name }) => name.endsWith(`/${file}`)))
  return {
    red: [...new Set(all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName))],
    unrun: [...absent, ...broken.map(({ name, message }) => `${name}: ${message.slice(0, 500)}`)],
  }
}

/** Compares what was seen without a control with what is recorded of it. */
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

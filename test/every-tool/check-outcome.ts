import { type Expectation, expectations } from './expectations.ts'
import type { Row } from './rows.ts'
import type { Outcome } from './run-rows.ts'

/** Returns what has to come of a row. Throws for an example without an expectation. */
export function expectationOf({ tool, example, place }: Row): Expectation {
  const found = expectations[tool]?.[example]?.[place]
  if (found === undefined) throw new Error(`no expectation for "${example}" of ${tool} on a ${place}`)
  return found
}

/** Returns what is wrong with the outcome of a row; undefined where it is as expected. */
export function findFault(outcome: Outcome): string | undefined {
  const expected = expectationOf(outcome)
  const about = `${outcome.place} ${outcome.line}`
  if (outcome.is === 'answered') {
    return expected.is === 'answered' && expected.matches.test(outcome.answer)
      ? undefined
      : `${about}: ${outcome.answer}`
  }
  const isExpected =
    expected.is !== 'answered' && outcome.exit === expected.exit && expected.matches.test(outcome.output)
  return isExpected
    ? undefined
    : `${about}: ${outcome.reason}, exit code ${outcome.exit}\n${outcome.output.slice(-2_000)}`
}

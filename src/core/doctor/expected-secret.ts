import { type Finding, failed, ok, warning } from './finding.ts'

/** Secret that the program needs; its value is never shown. */
export type ExpectedSecret = {
  /** Name of its environment variable. */
  name: string
  value: string | undefined
  /** Where the value is found, and how it is set. */
  mend: string
  /** Returns what is wrong with the form of a value. */
  findMistake?: (value: string) => string | undefined
  /** Returns what is unusual about the form of a value that may be right all the same. */
  findDoubt?: (value: string) => string | undefined
}

/** Checks that a secret is set, and its form. */
export function judgeSecret({ name, value, mend, findMistake, findDoubt }: ExpectedSecret): Finding {
  const check = `secret ${name}`
  if (value === undefined) return failed(check, 'is not set', mend)
  const mistake = findMistake?.(value)
  if (mistake !== undefined) return failed(check, mistake, mend)
  const doubt = findDoubt?.(value)
  return doubt === undefined ? ok(check, 'is set') : warning(check, doubt, mend)
}

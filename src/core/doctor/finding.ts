/** Result of a check: `not-checked` where it can't be made, which is not `ok`. */
export type FindingState = 'ok' | 'warning' | 'failed' | 'not-checked'

/** What one check of a prerequisite found. */
export type Finding = {
  /** Name of the check, the same each time: `Redis persistence`. */
  check: string
  state: FindingState
  /** What was found, as a sentence without its full stop. */
  message: string
  /** The command, or the words, that mend it. */
  mend?: string
}

export const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message })
export const failed = (check: string, message: string, mend: string): Finding => {
  return { check, state: 'failed', message, mend }
}
export const warning = (check: string, message: string, mend: string): Finding => {
  return { check, state: 'warning', message, mend }
}
/** `instead`: how to find out by hand. */
export const notChecked = (check: string, why: string, instead: string): Finding => {
  return { check, state: 'not-checked', message: why, mend: instead }
}

/** Returns the text of an error with its cause, which for failed connections has the reason. */
export function errorText(error: unknown): string {
  if (!hasMessage(error)) return String(error)
  const { cause } = error
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : undefined
  const why = code ?? (hasMessage(cause) ? errorText(cause) : undefined)
  return why === undefined || error.message.includes(why) ? error.message : `${error.message} (${why})`
}

function hasMessage(error: unknown): error is { message: string; cause?: unknown } {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
}

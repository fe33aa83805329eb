import type { Severity } from './playbook.ts'

/** What one check found on one target. */
export type CheckResult = {
  playbook: string
  check: string
  /** Value of the fact that the check was repeated for. */
  each?: string
  /** `unknown`: not looked at. */
  status: 'ok' | 'unknown' | Severity
  /** What is wrong, in one sentence without its full stop; for `unknown`, why it wasn't looked at. */
  said?: string
  /** Value by which targets are compared. */
  value?: number | string
  /** Lines of the output that prove it. */
  evidence?: string
  /** The command whose output proves it, as text. */
  command?: string
}

/** Results of the checks of one target. */
export type TargetResults = { target: string; results: readonly CheckResult[] }

/** Returns true for a check that found something. */
export function isIll<T extends Pick<CheckResult, 'status'>>(result: T): result is T & { status: Severity } {
  return result.status === 'warn' || result.status === 'fail'
}

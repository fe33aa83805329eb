import { type CheckResult, isIll, type TargetResults } from './check-result.ts'
import { compareTargets } from './compare.ts'
import type { Playbooks } from './playbook.ts'

/** Table of targets by checks: targets that are ill first, and checks that aren't good everywhere, the worst first. */
export type TargetTable = {
  checks: readonly string[]
  rows: readonly { target: string; cells: readonly CheckResult['status'][] }[]
  /** Numbers of targets and checks before the table was cut. */
  of: { targets: number; checks: number }
}

/** Maximum numbers of rows and of checks: what chats show of a table. */
const maxRows = 100
const maxChecks = 19

/** Order of findings, the worst first. */
export const statusRanks = { fail: 3, warn: 2, unknown: 1, ok: 0 } satisfies Record<CheckResult['status'], number>

/** Returns the table of a triage; undefined where nothing is to be compared: one target, or everything is good. */
export function targetTable(all: readonly TargetResults[], playbooks: Playbooks): TargetTable | undefined {
  if (all.length < 2) return undefined
  const compared = compareTargets(all, playbooks)
  const names = [...new Set(compared.flatMap(({ results }) => results.filter(isIll).map(({ check }) => check)))]
  if (names.length === 0) return undefined
  const weightOf = (statuses: readonly CheckResult['status'][]) =>
    statuses.reduce((sum, status) => sum + (status === 'unknown' ? 0 : statusRanks[status] ** 2), 0)
  const worst = compared.map(({ target, results }) => ({
    target,
    ofCheck: new Map(names.map((check) => [check, worstStatus(results, check)])),
  }))
  const statusOf = (of: (typeof worst)[number], check: string) => of.ofCheck.get(check) ?? 'unknown'
  const checks = names
    .map((check) => ({ check, weight: weightOf(worst.map((each) => statusOf(each, check))) }))
    .toSorted((one, other) => other.weight - one.weight)
    .slice(0, maxChecks)
    .map(({ check }) => check)
  const rows = worst
    .map((each) => ({
      target: shortTarget(each.target),
      cells: checks.map((check) => statusOf(each, check)),
      weight: weightOf([...each.ofCheck.values()]),
    }))
    .toSorted((one, other) => other.weight - one.weight)
    .slice(0, maxRows)
    .map(({ target, cells }) => ({ target, cells }))
  return { checks, rows, of: { targets: all.length, checks: names.length } }
}

/** Returns the worst that a check found, in all of its repetitions; `unknown` where it was not looked at. */
export function worstStatus(results: readonly CheckResult[], check: string): CheckResult['status'] {
  const own = results.flatMap((result) => (result.check === check ? [result.status] : []))
  return own.toSorted((one, other) => statusRanks[other] - statusRanks[one])[0] ?? 'unknown'
}

/** Returns a target without its kind: `node001`, `web-1`. */
export function shortTarget(target: string): string {
  return target.replace(/^node\//, '').replace(/^-n \S+ (?:pod\/)?/, '')
}

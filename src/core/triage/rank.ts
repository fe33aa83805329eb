import { defined } from '#core/util/defined'
import { type CheckResult, isIll, type TargetResults } from './check-result.ts'
import { compareTargets } from './compare.ts'
import { type Check, findCheck, type Playbooks, type Severity } from './playbook.ts'

/** Targets on which a check found something. */
export type Finding = {
  playbook: string
  check: string
  severity: Severity
  /** What is wrong on the first of these targets. */
  said: string
  /** Targets where it was found, the worst first, and the number of targets that were looked at. */
  targets: readonly string[]
  of: number
  /** How sure it is that this is the cause. */
  sure: 'high' | 'medium' | 'low'
  command?: string
  evidence?: string
  /** Commands to type next. */
  next: readonly string[]
  /** What else it explains on these targets. */
  folded: readonly string[]
}

/** Why checks were not looked at, and on how many targets. */
export type NotLookedAt = { check: string; why: string; targets: number }

export type Ranking = {
  /** The most likely cause first. */
  findings: readonly Finding[]
  counts: { fail: number; warn: number; ok: number; unknown: number }
  notLookedAt: readonly NotLookedAt[]
}

const severityWeights = { fail: 4, warn: 1 } satisfies Record<Severity, number>

/** Ranks what the checks found: severity × share of the ill × specificity. What another finding explains is folded under it. */
export function rankFindings(given: readonly TargetResults[], playbooks: Playbooks): Ranking {
  const all = compareTargets(given, playbooks).map((each) => ({ ...each, results: withoutRepeats(each.results) }))
  const explained = all.map((each) => explain(each, playbooks))
  const kept = explained.map(({ target, results }) => ({
    target,
    results: results.filter(({ by }) => by === undefined),
  }))
  const names = [...new Set(kept.flatMap(({ results }) => results.filter(isIll).map(keyOf)))]
  const findings = names
    .flatMap((name) => toFinding(name, kept, explained, playbooks))
    .sort((one, other) => scoreOf(other, playbooks) - scoreOf(one, playbooks) || (one.check < other.check ? -1 : 1))
  const results = all.flatMap((each) => each.results)
  const countOf = (status: CheckResult['status']) => results.filter((each) => each.status === status).length
  return {
    findings,
    counts: { fail: countOf('fail'), warn: countOf('warn'), ok: countOf('ok'), unknown: countOf('unknown') },
    notLookedAt: groupUnknown(results),
  }
}

const keyOf = ({ playbook, check }: Pick<CheckResult, 'playbook' | 'check'>) => `${playbook}/${check}`
const ranks = { fail: 3, warn: 2, ok: 1, unknown: 0 } satisfies Record<CheckResult['status'], number>

/** Returns one result for each check: the worst, where it was repeated for several values or is in two playbooks. */
function withoutRepeats(results: readonly CheckResult[]): CheckResult[] {
  return [...Map.groupBy(results, ({ check }) => check).values()].flatMap((same) => {
    const [worst] = same.toSorted((one, other) => ranks[other.status] - ranks[one.status])
    if (worst === undefined) return []
    const alike = same.filter(({ status }) => status === worst.status).length
    const others = isIll(worst) && alike > 1 ? ` (and ${alike - 1} more like it)` : ''
    return [{ ...worst, ...(worst.said === undefined ? {} : { said: `${worst.said}${others}` }) }]
  })
}

type Explained = CheckResult & { by?: string }

/**
 * Marks each result of a target that another one explains, or makes meaningless, with the check of the latter. A warning explains a
 * failure only where it is a specific one: a rule that drops packets is nothing yet, and is the cause where packets get lost.
 */
function explain({ target, results }: TargetResults, playbooks: Playbooks): { target: string; results: Explained[] } {
  const ill = results.filter(isIll)
  const checkOf = ({ playbook, check }: CheckResult) => findCheck(playbooks, playbook, check)
  const explains = (cause: CheckResult, effect: CheckResult) =>
    cause.check !== effect.check &&
    (ranks[cause.status] >= ranks[effect.status] || checkOf(cause)?.specificity === 3) &&
    (checkOf(cause)?.explains.includes(effect.check) === true ||
      checkOf(effect)?.skipWhen.includes(cause.check) === true)
  const rootOf = (effect: CheckResult, seen: readonly string[]): CheckResult => {
    const cause = ill.find((each) => !seen.includes(each.check) && explains(each, effect))
    return cause === undefined ? effect : rootOf(cause, [...seen, cause.check])
  }
  return {
    target,
    results: results.map((each) => {
      const root = isIll(each) ? rootOf(each, [each.check]) : each
      return root === each ? each : { ...each, by: root.check }
    }),
  }
}

function toFinding(
  name: string,
  kept: readonly TargetResults[],
  explained: readonly { target: string; results: readonly Explained[] }[],
  playbooks: Playbooks,
): Finding[] {
  const own = kept.flatMap(({ target, results }) =>
    results.filter(isIll).flatMap((result) => (keyOf(result) === name ? [{ target, result }] : [])),
  )
  const [first] = own.toSorted((one, other) => ranks[other.result.status] - ranks[one.result.status])
  if (first === undefined) return []
  const { playbook, check, said = '', command, evidence } = first.result
  const ill = new Set(own.map(({ target }) => target))
  const explainedHere = explained
    .filter(({ target }) => ill.has(target))
    .flatMap(({ results }) => results.filter((result) => result.by === check))
  const folded = explainedHere.map((result) => result.check)
  const hasFailed = [first.result, ...explainedHere].some((result) => result.status === 'fail')
  const status: Severity = hasFailed ? 'fail' : 'warn'
  const found = findCheck(playbooks, playbook, check)
  const of = explained.filter(({ results }) =>
    results.some((result) => keyOf(result) === name && result.status !== 'unknown'),
  ).length
  return [
    {
      ...{ playbook, check, severity: status, said, of },
      targets: [first.target, ...[...ill].filter((target) => target !== first.target)],
      sure: sureness(status, found, folded.length),
      ...defined({ command, evidence }),
      next: found?.next ?? [],
      folded: [...new Set(folded)],
    },
  ]
}

function sureness(severity: Severity, check: Check | undefined, folded: number): Finding['sure'] {
  if (severity === 'warn') return 'low'
  return check?.specificity === 3 || folded > 0 ? 'high' : 'medium'
}

function scoreOf({ playbook, check, severity, targets, of }: Finding, playbooks: Playbooks): number {
  const specificity = findCheck(playbooks, playbook, check)?.specificity ?? 1
  return severityWeights[severity] * (0.5 + targets.length / Math.max(of, 1) / 2) * specificity
}

function groupUnknown(results: readonly CheckResult[]): NotLookedAt[] {
  const unknown = results.filter(({ status }) => status === 'unknown')
  const groups = Map.groupBy(unknown, ({ check, said = '' }) => `${check} ${said}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ check: first.check, why: first.said ?? '', targets: group.length }]
  })
}

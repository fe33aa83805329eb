import { endedMembers, type FanOut, fanOutMessage, type Outcome } from '#core/fan-out/fan-out'
import { endText } from '#core/messages/end-text'
import type { SummaryMessage, TriageMessage } from '#core/messages/message'
import { defined } from '#core/util/defined'
import type { TargetResults } from './check-result.ts'
import type { Playbooks } from './playbook.ts'
import { type NotLookedAt, rankFindings } from './rank.ts'
import { targetTable } from './target-table.ts'

/** Maximum number of findings in a message; the run's page has all of them. */
const maxFindings = 5

/** Returns the results of all checks so far, by target. */
export function resultsOf(fanOut: FanOut, outcomes: ReadonlyMap<string, Outcome>): TargetResults[] {
  const { triage, members } = fanOut
  if (triage === undefined) return []
  return triage.targets.map((target) => ({
    target,
    results: [
      ...triage.known.flatMap((known) => (known.target === target ? known.results : [])),
      ...members.flatMap((member) => (member.target === target ? (outcomes.get(member.run)?.results ?? []) : [])),
    ],
  }))
}

/**
 * Returns the most likely cause that a triage found, with the first of its targets, and the number of further findings; without one,
 * `good` checks found nothing.
 */
export function leadingFinding(
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
  playbooks: Playbooks,
): { first?: string; more: number; good: number } {
  const { findings, counts } = rankFindings(resultsOf(fanOut, outcomes), playbooks)
  const [first] = findings
  const text = first === undefined ? undefined : `${first.targets[0] ?? ''}: ${first.said}`
  return { ...defined({ first: text }), more: Math.max(0, findings.length - 1), good: counts.ok }
}

/** Returns what changed since an earlier triage: findings that are gone, and new ones. */
function changesSince(before: readonly TargetResults[], now: readonly TargetResults[], playbooks: Playbooks): string[] {
  const names = (all: readonly TargetResults[]) => rankFindings(all, playbooks).findings.map(({ check }) => check)
  const [old, current] = [names(before), names(now)]
  const gone = old.filter((check) => !current.includes(check))
  const added = current.filter((check) => !old.includes(check))
  if (gone.length === 0 && added.length === 0) return ['Nothing changed since the triage before.']
  return [
    ...(gone.length === 0 ? [] : [`No more since the triage before: ${gone.join(', ')}`]),
    ...(added.length === 0 ? [] : [`New since the triage before: ${added.join(', ')}`]),
  ]
}

/** Returns the message of a triage in its current state; undefined for another fan-out. `before`: results of the one that it repeats; `resolvedAfter`: how long its alert fired. */
export function triageMessage(
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
  playbooks: Playbooks,
  before?: readonly TargetResults[],
  resolvedAfter?: string,
): TriageMessage | undefined {
  const { id, by, where, members, triage } = fanOut
  if (triage === undefined) return undefined
  const results = resultsOf(fanOut, outcomes)
  const { findings, counts, notLookedAt } = rankFindings(results, playbooks)
  const ended = endedMembers(fanOut, outcomes)
  const failed = ended.flatMap(({ run, target }) => {
    const { reason, exitCode, said, results: found } = outcomes.get(run) ?? {}
    if (reason === undefined || found !== undefined) return []
    return [{ why: said ?? endText({ reason, ...defined({ exitCode }) }), target }]
  })
  const done = ended.length === members.length
  return {
    kind: 'triage',
    id,
    by: by.name,
    where,
    playbooks: triage.playbooks,
    targets: triage.targets.length,
    total: members.length,
    ended: ended.length,
    findings: findings.slice(0, maxFindings),
    more: Math.max(0, findings.length - maxFindings),
    counts,
    // Whole targets first: what is missing there is missing in each check.
    notLookedAt: [...failedText(failed), ...uncoveredText(triage.uncovered), ...notLookedAtTexts(notLookedAt)],
    notAllowed: triage.uncovered.length,
    skipped: fanOut.skipped,
    ...(triage.alert === undefined ? {} : { alert: { name: triage.alert.name, ...defined({ resolvedAfter }) } }),
    ...defined({ table: targetTable(results, playbooks) }),
    ...(done && before !== undefined ? { changes: changesSince(before, results, playbooks) } : {}),
    actions: done ? ['rerun', ...(triage.pages === true ? (['link'] as const) : [])] : ['cancel'],
  }
}

/** Returns the message of a fan-out, or of a triage, in its current state. */
export function summaryOf(
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
  playbooks: Playbooks,
  before?: readonly TargetResults[],
  resolvedAfter?: string,
): SummaryMessage {
  return triageMessage(fanOut, outcomes, playbooks, before, resolvedAfter) ?? fanOutMessage(fanOut, outcomes)
}

function uncoveredText(uncovered: NonNullable<FanOut['triage']>['uncovered']): string[] {
  const groups = Map.groupBy(uncovered, ({ sets }) => sets.join(' or '))
  return [...groups].map(([sets, checks]) => {
    const names = checks.map(({ check }) => check).join(', ')
    return sets === '' ? `${names}: no set covers it` : `${names}: the set ${sets} would give it`
  })
}

/** Maximum number of names in one line. */
const maxNames = 6

/** Returns a line for each reason, with the checks that it holds for. */
function notLookedAtTexts(all: readonly NotLookedAt[]): string[] {
  return [...Map.groupBy(all, ({ why }) => why)].map(([why, group]) => {
    const names = group.map(({ check }) => check)
    const rest = names.length > maxNames ? ` and ${names.length - maxNames} more` : ''
    const targets = Math.max(...group.map((each) => each.targets))
    return `${names.slice(0, maxNames).join(', ')}${rest}: ${why}${targets === 1 ? '' : ` (${targets} targets)`}`
  })
}

function failedText(failed: readonly { why: string; target: string }[]): string[] {
  return [...Map.groupBy(failed, ({ why }) => why)].map(([why, all]) => {
    const names = all.map(({ target }) => target.replace(/^node\//, ''))
    return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}: ${why}`
  })
}

import { endedMembers, type FanOut, fanOutMessage, type Outcome } from '#core/fan-out/fan-out'
import { endText } from '#core/messages/end-text'
import type { SummaryMessage, TriageMessage } from '#core/messages/message'
import { defined } from '#core/util/defined'
import type { Playbooks } from './playbook.ts'
import { type NotLookedAt, rankFindings } from './rank.ts'
import type { TargetResults } from './result.ts'

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

/** Returns the message of a triage in its current state; undefined for another fan-out. `before`: results of the one that it repeats. */
export function triageMessage(
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
  playbooks: Playbooks,
  before?: readonly TargetResults[],
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
    notLookedAt: [...uncoveredText(triage.uncovered), ...notLookedAt.map(notLookedAtText), ...failedText(failed)],
    skipped: fanOut.skipped,
    ...(done && before !== undefined ? { changes: changesSince(before, results, playbooks) } : {}),
    actions: done ? ['rerun'] : ['cancel'],
  }
}

/** Returns the message of a fan-out, or of a triage, in its current state. */
export function summaryOf(
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
  playbooks: Playbooks,
  before?: readonly TargetResults[],
): SummaryMessage {
  return triageMessage(fanOut, outcomes, playbooks, before) ?? fanOutMessage(fanOut, outcomes)
}

function uncoveredText(uncovered: NonNullable<FanOut['triage']>['uncovered']): string[] {
  const groups = Map.groupBy(uncovered, ({ sets }) => sets.join(' or '))
  return [...groups].map(([sets, checks]) => {
    const names = checks.map(({ check }) => check).join(', ')
    return sets === '' ? `${names}: no set covers it` : `${names}: the set ${sets} would give it`
  })
}

function notLookedAtText({ check, why, targets }: NotLookedAt): string {
  return `${check}: ${why}${targets === 1 ? '' : ` (${targets} targets)`}`
}

function failedText(failed: readonly { why: string; target: string }[]): string[] {
  return [...Map.groupBy(failed, ({ why }) => why)].map(([why, all]) => {
    const names = all.map(({ target }) => target.replace(/^node\//, ''))
    return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}: ${why}`
  })
}

import { suggestionActions } from '#core/runs/actions'
import type { CheckResult } from '#core/triage/check-result'
import type { Finding } from '#core/triage/rank'
import type { TargetTable } from '#core/triage/target-table'
import { cutText } from '#core/util/cut-text'
import { count } from '#core/util/units'
import type { TriageMessage } from './message.ts'
import { namesText } from './render-fan-out.ts'
import { cutLine, maxRootChars } from './root-and-thread-view.ts'
import type { MessageView, TableView } from './view.ts'

/** Maximum number of lines about what was not looked at; the attached file has all of them. */
const maxNotLookedAt = 6
/** Maximum number of characters of all findings, of a sentence, and of the lines of evidence, and number of these. */
const maxFindingsChars = 6_000
const maxSaidChars = 300
const maxEvidenceChars = 160
const maxEvidenceLines = 4
/** Maximum number of characters of a command on a button. */
const maxButtonChars = 40

const signs = { high: 'surely', medium: 'probably', low: 'perhaps' } satisfies Record<Finding['sure'], string>

/** Renders a triage: the most likely cause first, then the others with their evidence, and what was not looked at. */
export function renderTriage(message: TriageMessage): MessageView {
  const { id, by, where, playbooks, findings, more, notLookedAt, skipped, changes = [], part } = message
  const suggestions = findings.flatMap(({ check, next: [next] }) =>
    next === undefined ? [] : [{ word: check, label: cutLine(next, maxButtonChars) }],
  )
  const title = titleOf(message)
  const state = { mood: moodOf(message), title, run: id, examples: [] }
  const buttons = {
    suggestions,
    actions: [...suggestionActions.slice(0, suggestions.length), ...message.actions],
  }
  const small = [countsText(message), `${playbooks.join(', ')} on ${where}`, by, `triage ${id}`].join(' · ')
  if (part === 'root') {
    const [first] = findings
    const sure = first === undefined ? {} : { text: cutLine(headOf(first), maxRootChars) }
    return {
      ...state,
      title: cutLine(title, maxRootChars),
      ...sure,
      ...buttons,
      facts: [...alertText(message), small],
    }
  }
  const missing = [
    ...notLookedAt.slice(0, maxNotLookedAt),
    ...(notLookedAt.length > maxNotLookedAt ? [`and ${notLookedAt.length - maxNotLookedAt} more`] : []),
  ]
  const shown = takeFirst(findings.map((finding, at) => findingText(finding, at + 1, message.targets)))
  const rest = more + findings.length - shown.length
  const file = message.file === undefined ? [] : [`all outputs in ${message.file}`]
  return {
    ...state,
    ...(part === 'thread' ? { mood: 'plain' as const, actions: [] } : buttons),
    ...(shown.length === 0 ? {} : { output: shown.join('\n\n') }),
    ...(message.table === undefined ? {} : { table: tableOf(message.table) }),
    ...(rest === 0 && file.length === 0
      ? {}
      : { outputNote: [...(rest === 0 ? [] : [count(rest, 'more finding')]), ...file].join('; ') }),
    facts: [
      ...alertText(message),
      ...changes,
      ...(missing.length === 0 ? [] : [`Not looked at: ${missing.join('; ')}`]),
      ...skipped.map(({ why, targets }) => `Not run on ${targets.length} (${namesText(targets)}): ${why}`),
      small,
    ],
  }
}

/** Returns what is known of the alert that a triage looks into. */
function alertText({ alert }: TriageMessage): string[] {
  if (alert === undefined) return []
  const { name, resolvedAfter } = alert
  return [
    resolvedAfter === undefined ? `For the alert ${name}` : `The alert ${name} was resolved after ${resolvedAfter}`,
  ]
}

const cellTexts = { fail: 'FAIL', warn: 'WARN', ok: 'ok', unknown: '–' } satisfies Record<CheckResult['status'], string>

/** Renders targets by checks. */
function tableOf({ checks, rows, of }: TargetTable): TableView {
  const cut = rows.length < of.targets || checks.length < of.checks
  const shown = `${count(of.targets, 'target')}, ${count(of.checks, 'check')} that ${of.checks === 1 ? 'is' : 'are'} not good everywhere`
  return {
    caption: `${shown}${cut ? `; here the worst ${rows.length} and ${checks.length}` : ''}`,
    heads: ['target', ...checks],
    rows: rows.map(({ target, cells }) => [target, ...cells.map((status) => cellTexts[status])]),
  }
}

function moodOf({ ended, total, counts, notAllowed }: TriageMessage): MessageView['mood'] {
  if (counts.fail > 0) return 'bad'
  if (ended < total) return 'busy'
  if (counts.warn > 0) return 'warn'
  // What the person may not look at isn't known to be good.
  return counts.ok > 0 && notAllowed === 0 ? 'good' : 'plain'
}

/** Returns the most likely cause, and on how many targets; while nothing is found, how far it is. */
function titleOf({ findings, counts, ended, total, targets, where }: TriageMessage): string {
  const [first] = findings
  const running = ended < total ? ` (${ended} of ${total} parts done)` : ''
  if (first !== undefined) return `${placeText(first, targets)}${first.said}${running}`
  if (ended < total) return `Looking at ${where}${running}`
  const looked = counts.ok + counts.fail + counts.warn
  if (looked === 0) return `Nothing could be looked at on ${where}`
  return `Nothing found by ${count(looked, 'check')} on ${where}`
}

function placeText({ targets, of }: Finding, all: number): string {
  const [name = ''] = targets
  if (all === 1) return `${name.replace(/^node\//, '')}: `
  return `${targets.length} of ${of} (${namesText(targets)}): `
}

function headOf({ sure, command, folded }: Finding): string {
  const also = folded.length === 0 ? '' : `; it explains ${folded.join(', ')}`
  return `How sure: ${signs[sure]}${also}.${command === undefined ? '' : ` Seen by: ${command}`}`
}

function findingText(finding: Finding, number: number, targets: number): string {
  const { said, severity, sure, check, command, evidence, folded, next } = finding
  return [
    `${number}. ${placeText(finding, targets)}${cutLine(said, maxSaidChars)}`,
    `   ${severity === 'fail' ? 'FAIL' : 'WARN'} ${check}, ${signs[sure]}${folded.length === 0 ? '' : `; explains ${folded.join(', ')}`}`,
    ...(command === undefined ? [] : [`   $ ${command}`]),
    ...evidenceLines(evidence).map((line) => `   ${line}`),
    ...next.slice(0, 1).map((suggested) => `   Next: ${suggested}`),
  ].join('\n')
}

function evidenceLines(evidence = ''): string[] {
  const lines = evidence.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(0, maxEvidenceLines).map((line) => cutText(line, maxEvidenceChars))
}

/** Returns the first texts, as many as a message has room for, and at least one. */
function takeFirst(texts: readonly string[]): string[] {
  let room = maxFindingsChars
  return texts.filter((text, at) => {
    // As platforms count it, which get it as JSON.
    room -= JSON.stringify(text).length
    return at === 0 || room >= 0
  })
}

/** Returns how many checks found what. */
function countsText({ counts: { fail, warn, ok, unknown }, notAllowed }: TriageMessage): string {
  return [
    ...(fail === 0 ? [] : [`${fail} failed`]),
    ...(warn === 0 ? [] : [`${warn} to watch`]),
    `${ok} good`,
    ...(unknown === 0 ? [] : [`${unknown} not looked at`]),
    ...(notAllowed === 0 ? [] : [`${count(notAllowed, 'check')} not allowed`]),
  ].join(', ')
}

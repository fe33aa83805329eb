import { suggestionActions } from '#core/runs/actions'
import type { Finding } from '#core/triage/rank'
import { count } from '#core/util/units'
import type { TriageMessage } from './message.ts'
import { namesText } from './render-fan-out.ts'
import { cutText, maxRootChars } from './root-and-thread-view.ts'
import type { MessageView } from './view.ts'

/** Maximum number of lines about what was not looked at; the attached file has all of them. */
const maxNotLookedAt = 6
/** Maximum number of characters of a command on a button. */
const maxButtonChars = 40

const signs = { high: 'surely', medium: 'probably', low: 'perhaps' } satisfies Record<Finding['sure'], string>

/** Renders a triage: the most likely cause first, then the others with their evidence, and what was not looked at. */
export function renderTriage(message: TriageMessage): MessageView {
  const { id, by, where, playbooks, findings, more, notLookedAt, skipped, changes = [], part } = message
  const suggestions = findings.flatMap(({ check, next: [next] }) =>
    next === undefined ? [] : [{ word: check, label: cutText(next, maxButtonChars) }],
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
    const sure = first === undefined ? {} : { text: cutText(headOf(first, message.targets), maxRootChars) }
    return { ...state, title: cutText(title, maxRootChars), ...sure, ...buttons, facts: [small] }
  }
  const missing = [
    ...notLookedAt.slice(0, maxNotLookedAt),
    ...(notLookedAt.length > maxNotLookedAt ? [`and ${notLookedAt.length - maxNotLookedAt} more`] : []),
  ]
  const shown = findings.map((finding, at) => findingText(finding, at + 1, message.targets))
  const file = message.file === undefined ? [] : [`all outputs in ${message.file}`]
  return {
    ...state,
    ...(part === 'thread' ? { mood: 'plain' as const, actions: [] } : buttons),
    ...(shown.length === 0 ? {} : { output: shown.join('\n\n') }),
    ...(more === 0 && file.length === 0
      ? {}
      : { outputNote: [...(more === 0 ? [] : [`${more} more findings`]), ...file].join('; ') }),
    facts: [
      ...changes,
      ...(missing.length === 0 ? [] : [`Not looked at: ${missing.join('; ')}`]),
      ...skipped.map(({ why, targets }) => `Not run on ${targets.length} (${namesText(targets)}): ${why}`),
      small,
    ],
  }
}

function moodOf({ ended, total, counts }: TriageMessage): MessageView['mood'] {
  if (counts.fail > 0) return 'bad'
  if (ended < total) return 'busy'
  if (counts.warn > 0) return 'warn'
  return counts.ok > 0 ? 'good' : 'plain'
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

function headOf({ sure, command, folded }: Finding, _targets: number): string {
  const also = folded.length === 0 ? '' : `; it explains ${folded.join(', ')}`
  return `How sure: ${signs[sure]}${also}.${command === undefined ? '' : ` Seen by: ${command}`}`
}

function findingText(finding: Finding, number: number, targets: number): string {
  const { said, severity, sure, check, command, evidence, folded, next } = finding
  return [
    `${number}. ${placeText(finding, targets)}${said}`,
    `   ${severity === 'fail' ? 'FAIL' : 'WARN'} ${check}, ${signs[sure]}${folded.length === 0 ? '' : `; explains ${folded.join(', ')}`}`,
    ...(command === undefined ? [] : [`   $ ${command}`]),
    ...(evidence === undefined ? [] : evidence.split('\n').map((line) => `   ${line}`)),
    ...next.slice(0, 1).map((suggested) => `   Next: ${suggested}`),
  ].join('\n')
}

/** Returns how many checks found what. */
function countsText({ counts: { fail, warn, ok, unknown } }: TriageMessage): string {
  return [
    ...(fail === 0 ? [] : [`${fail} failed`]),
    ...(warn === 0 ? [] : [`${warn} to watch`]),
    `${ok} good`,
    ...(unknown === 0 ? [] : [`${unknown} not looked at`]),
  ].join(', ')
}

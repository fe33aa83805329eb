import { endText } from './end-text.ts'
import type { FanOutMessage } from './message.ts'
import { cutLine, maxRootChars } from './root-and-thread-view.ts'
import type { MessageView } from './view.ts'

/** Maximum number of target names in one line; the attached file has all of them. */
const maxNames = 4

/** Renders a fan-out: its progress, then its results, grouped by ending. */
export function renderFanOut(message: FanOutMessage): Omit<MessageView, 'examples'> {
  const { id, by, where, command, total, ended, running, results, skipped, actions, file, fileRefused } = message
  const done = ended === total
  const what = `${command} on ${where}`
  const progress = done || running === 0 ? undefined : `${running} running, ${total - ended - running} waiting`
  const state = {
    mood: moodOf(message),
    title: done ? `Done on ${total}: ${what}` : `${ended} of ${total} done: ${what}`,
  }
  if (message.part === 'root') {
    const left = skipped.reduce((sum, { targets }) => sum + targets.length, 0)
    const counts = [
      ...(progress === undefined ? [] : [progress]),
      ...results.map(({ targets, ...end }) => `${targets.length} × ${endText(end).replace(/,$/, '')}`),
      ...(left === 0 ? [] : [`not run on ${left}`]),
    ]
    const title = cutLine(state.title, maxRootChars)
    return { ...state, title, facts: [[...counts, by, `run ${id}`].join(' · ')], actions, run: id }
  }
  const note = file === undefined ? undefined : `all outputs in ${file}`
  const details = {
    ...(results.length === 0 ? {} : { output: results.map(formatResult).join('\n') }),
    ...(note === undefined && !fileRefused ? {} : { outputNote: note ?? fileRefusedText }),
    facts: [
      ...skipped.map(({ why, targets }) => `Not run on ${targets.length} (${namesText(targets)}): ${why}`),
      `${id} · ${by}`,
    ],
    run: id,
  }
  if (message.part === 'thread') return { ...details, mood: 'plain', title: what, actions: [] }
  return { ...state, ...(progress === undefined ? {} : { text: `${progress}.` }), ...details, actions }
}

const fileRefusedText = 'the outputs could not be attached as a file: `show ID` with the id of a run has one of them'

function moodOf({ ended, total, results }: FanOutMessage): MessageView['mood'] {
  if (ended < total) return 'busy'
  return results.every(({ reason }) => reason === 'completed' || reason === 'nothing-found') ? 'good' : 'bad'
}

function formatResult({ targets, said, same, ...end }: FanOutMessage['results'][number]): string {
  const head = `${targets.length} × ${endText(end).replace(/,$/, '')}: ${namesText(targets)}`
  if (said === undefined) return head
  const whichText = targets.length === 1 ? '' : same ? ' (all the same)' : ' (the first one)'
  return `${head}\n    ${said}${whichText}`
}

/** Returns the first names and the number of the others: `node001, node002 and 50 more`. */
export function namesText(targets: readonly string[]): string {
  const names = targets.map((target) => target.replace(/^node\//, ''))
  const hiddenNames = names.length - maxNames
  if (hiddenNames < 2) return names.join(', ')
  return `${names.slice(0, maxNames).join(', ')} and ${hiddenNames} more`
}

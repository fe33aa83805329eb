import { endText } from './end-text.ts'
import type { Message } from './message.ts'
import type { MessageView } from './view.ts'

type FanOut = Extract<Message, { kind: 'fan-out' }>

/** Maximum number of target names in one line; the attached file has all of them. */
const maxNames = 4

/** Renders a fan-out: its progress, then its results, grouped by ending. */
export function renderFanOut(message: FanOut): Omit<MessageView, 'examples'> {
  const { id, by, where, command, total, ended, running, results, skipped, actions, file } = message
  const done = ended === total
  const good = results.every(({ reason }) => reason === 'completed')
  const what = `${command} on ${where}`
  return {
    mood: done ? (good ? 'good' : 'bad') : 'busy',
    title: done ? `Done on ${total}: ${what}` : `${ended} of ${total} done: ${what}`,
    ...(done || running === 0 ? {} : { text: `${running} running, ${total - ended - running} waiting.` }),
    ...(results.length === 0 ? {} : { output: results.map(formatResult).join('\n') }),
    ...(file === undefined ? {} : { outputNote: `all outputs in ${file}` }),
    facts: [
      ...skipped.map(({ why, targets }) => `Not run on ${targets.length} (${namesText(targets)}): ${why}`),
      `${id} · ${by}`,
    ],
    actions,
    run: id,
  }
}

function formatResult({ targets, said, same, ...end }: FanOut['results'][number]): string {
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

import { endText } from './end-text.ts'
import type { Message } from './message.ts'
import type { MessageView } from './view.ts'

type FanOut = Extract<Message, { kind: 'fan-out' }>

/** Names of targets in one line at the most; the file has all. */
const mostNames = 4

/** A fan-out in words: how far it is, then what came out, alike endings together. */
export function renderFanOut(notice: FanOut): Omit<MessageView, 'examples'> {
  const { id, by, where, command, total, ended, running, results, skipped, actions, file } = notice
  const done = ended === total
  const good = results.every(({ reason }) => reason === 'completed')
  const what = `${command} on ${where}`
  return {
    mood: done ? (good ? 'good' : 'bad') : 'busy',
    title: done ? `Done on ${total}: ${what}` : `${ended} of ${total} done: ${what}`,
    ...(done || running === 0 ? {} : { text: `${running} running, ${total - ended - running} waiting.` }),
    ...(results.length === 0 ? {} : { output: results.map(resultText).join('\n') }),
    ...(file === undefined ? {} : { outputNote: `all outputs in ${file}` }),
    facts: [
      ...skipped.map(({ why, targets }) => `Not run on ${targets.length} (${namesText(targets)}): ${why}`),
      `${id} · ${by}`,
    ],
    actions,
    run: id,
  }
}

function resultText({ targets, said, same, ...end }: FanOut['results'][number]): string {
  const head = `${targets.length} × ${endText(end).replace(/,$/, '')}: ${namesText(targets)}`
  if (said === undefined) return head
  const which = targets.length === 1 ? '' : same ? ' (all the same)' : ' (the first one)'
  return `${head}\n    ${said}${which}`
}

/** `node001, node002 and 50 more`. */
export function namesText(targets: readonly string[]): string {
  const names = targets.map((target) => target.replace(/^node\//, ''))
  const rest = names.length - mostNames
  if (rest < 2) return names.join(', ')
  return `${names.slice(0, mostNames).join(', ')} and ${rest} more`
}

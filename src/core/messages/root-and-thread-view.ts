import { type RunAction, runActions } from '#core/runs/actions'
import { cutText } from '#core/util/cut-text'
import { defined } from '#core/util/defined'
import { secondsText } from '#core/util/units'
import type { EndedMessage, ProgressMessage } from './message.ts'
import type { MessageView } from './view.ts'

/** Maximum characters of a line of a root message: it stays at one or two lines on a phone. */
export const maxRootChars = 160

/** Maximum characters of why a run ended: a refusal says what would allow the run. */
const maxReasonChars = 600

/**
 * Renders the message that stands in the channel. Its first line is the result, or the state; a line may follow that
 * says why it ended, or why it waits; the last one says what ran where, and for whom. `view`: the view that shows
 * everything.
 */
export function toRootView(message: ProgressMessage, view: MessageView): MessageView {
  const { run } = message
  const title = message.kind === 'running' ? `Running: ${run.command} on ${run.target}` : view.title
  const result = resultLine(message, view)
  const facts = [
    ...(result === undefined ? [] : [cutLine(title, maxRootChars)]),
    ...(message.kind === 'ended' && !message.end.complete ? ['output incomplete'] : []),
    run.by,
    `cluster ${run.cluster}`,
    `run ${run.id}`,
  ]
  return {
    mood: view.mood,
    title: cutLine(result ?? title, maxRootChars),
    ...(view.text === undefined ? {} : { text: cutLine(view.text, maxReasonChars) }),
    ...(message.kind === 'queued' && view.hint !== undefined ? { hint: view.hint } : {}),
    facts: [facts.join(' · ')],
    examples: [],
    actions: view.actions.filter((action) => !isInThread(action)),
    run: run.id,
    ...defined({ typed: view.typed }),
  }
}

/** Returns true for actions on the output, which stand under it. */
function isInThread(action: RunAction): boolean {
  return runActions[action].about === 'output'
}

/** Renders the message in the root's thread: the output with what belongs to it. The root says the state. */
export function toThreadView(message: ProgressMessage, view: MessageView): MessageView {
  const { run } = message
  const live = message.kind === 'running' ? [`running for ${secondsText(message.elapsed)}`] : []
  const notes = [...live, ...(view.outputNote === undefined ? [] : [view.outputNote])]
  return {
    mood: 'plain',
    title: `${run.command} on ${run.target}`,
    ...defined({ text: view.numbers, output: view.output }),
    ...(notes.length === 0 ? {} : { outputNote: notes.join('; ') }),
    ...(view.hint === undefined || message.kind === 'queued' ? {} : { hint: view.hint }),
    facts: view.facts,
    examples: [],
    actions: view.actions.filter((action) => isInThread(action)),
    run: run.id,
  }
}

/** Returns true where an ended run has anything to show in its thread. */
export function hasThreadPart(message: EndedMessage): boolean {
  return message.run.startedAt !== undefined || message.output.lines > 0 || message.hint !== undefined
}

/**
 * Returns the result of an ended run in one line, as far as it is known: what the output means, or an output of one
 * line; of a failed tool its last line, which is usually the error.
 */
function resultLine(message: ProgressMessage, view: MessageView): string | undefined {
  if (message.kind !== 'ended') return undefined
  if (message.changed) return 'The stored output was changed by something other than this program: do not rely on it'
  if (view.headline !== undefined) return view.headline
  // Why it ended stands under the title.
  if (view.text !== undefined) return undefined
  const { lines, tail } = message.output
  if (lines !== 1 && message.end.reason !== 'failed') return undefined
  const last = tail.trimEnd().split('\n').at(-1)?.trim() ?? ''
  return last === '' ? undefined : last
}

/** Puts the lines of a text into one, and cuts it to `length` characters, including the ellipsis. */
export function cutLine(text: string, length: number): string {
  const line = text
    .split('\n')
    .map((part) => part.trim())
    .join(' ')
  return cutText(line, length)
}

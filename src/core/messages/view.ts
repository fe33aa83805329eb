import type { RunAction } from '#core/runs/run'

/** How a notice feels: what colour or sign it gets. */
export type Mood = 'good' | 'warn' | 'bad' | 'busy' | 'plain'

/** A notice in words, the same on every platform; all texts are plain and an adapter escapes them for its own. */
export type MessageView = {
  mood: Mood
  /** What it means, in one line, before all else. */
  headline?: string
  /** The numbers behind it, in one line. */
  numbers?: string
  /** One line: what happened. Also what a phone's notification shows. */
  title: string
  /** A sentence or two under it. */
  text?: string
  /** Small print, one line each. */
  facts: readonly string[]
  /** Exact text, to be shown in a fixed font. */
  output?: string
  /** About the output: what isn't shown. */
  outputNote?: string
  /** What helps. */
  hint?: string
  /** An address to go to. */
  link?: { url: string; label: string }
  /** Commands to be typed, with what they are for. */
  examples: readonly { command: string; about: string }[]
  actions: readonly RunAction[]
  /** The run that the actions are for. */
  run?: string
  /** The next page of its output, for `output`. */
  next?: number
  /** The command as it was typed, for `rerun-with`. */
  typed?: string
}

/** A text in pieces, those in backticks being such as are typed: a platform shows them in its fixed font. */
export function codePieces(text: string): { text: string; code: boolean }[] {
  return text
    .split(/`([^`]+)`/)
    .map((piece, at) => ({ text: piece, code: at % 2 === 1 }))
    .filter((piece) => piece.text !== '')
}

/** What a button says besides its action: the run, and the page where there are more. */
export function buttonValue(view: MessageView, action: RunAction): string {
  return action === 'output' && view.next !== undefined ? `${view.run} ${view.next}` : (view.run ?? '')
}

/** What stands on buttons. */
export const buttonLabels = {
  approve: 'Approve',
  'approve-window': 'Approve for a while',
  deny: 'Deny',
  cancel: 'Cancel',
  rerun: 'Run again',
  'rerun-with': 'Run again with…',
  output: 'More output',
  filter: 'Filter output…',
  link: 'Open page',
  end: 'End session',
  show: 'Show',
} satisfies Record<RunAction, string>

/** The same as one plain text: for terminals, logs and screen readers. */
export function plainText(view: MessageView): string {
  return [
    ...(view.headline === undefined ? [] : [view.headline]),
    ...(view.numbers === undefined ? [] : [view.numbers]),
    view.title,
    ...(view.text === undefined ? [] : [view.text]),
    ...view.examples.map(({ command, about }) => `  ${command}    ${about}`),
    ...(view.output === undefined ? [] : [view.output]),
    ...(view.outputNote === undefined ? [] : [`(${view.outputNote})`]),
    ...(view.hint === undefined ? [] : [`Hint: ${view.hint}`]),
    ...(view.link === undefined ? [] : [`${view.link.label}: ${view.link.url}`]),
    ...view.facts,
  ].join('\n')
}

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
export function buttonValue(words: MessageView, action: RunAction): string {
  return action === 'output' && words.next !== undefined ? `${words.run} ${words.next}` : (words.run ?? '')
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
export function plainText(words: MessageView): string {
  return [
    ...(words.headline === undefined ? [] : [words.headline]),
    ...(words.numbers === undefined ? [] : [words.numbers]),
    words.title,
    ...(words.text === undefined ? [] : [words.text]),
    ...words.examples.map(({ command, about }) => `  ${command}    ${about}`),
    ...(words.output === undefined ? [] : [words.output]),
    ...(words.outputNote === undefined ? [] : [`(${words.outputNote})`]),
    ...(words.hint === undefined ? [] : [`Hint: ${words.hint}`]),
    ...(words.link === undefined ? [] : [`${words.link.label}: ${words.link.url}`]),
    ...words.facts,
  ].join('\n')
}

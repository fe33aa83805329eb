import { type RunAction, runActions } from '#core/runs/actions'

/** Severity of a message, shown by an adapter as a colour or symbol. */
export type Mood = 'good' | 'warn' | 'bad' | 'busy' | 'plain'

/**
 * Labelled fact in one line. `code`: exact text, in a monospace font. `instant`: an ISO instant, which an adapter also
 * shows in the reader's time zone.
 */
export type Field = { label: string; value: string; as?: 'code' | 'instant' }

/** Table with a line of heads; the first column names the row. An adapter shows as much of it as its platform takes. */
export type TableView = { caption: string; heads: readonly string[]; rows: readonly (readonly string[])[] }

/** Returns the first rows and columns of a table; its caption says what is left out. */
export function cutTable({ caption, heads, rows }: TableView, maxRows: number, maxColumns: number): TableView {
  const cut = [
    ...(rows.length <= maxRows ? [] : [`the first ${maxRows} of ${rows.length} rows`]),
    ...(heads.length <= maxColumns ? [] : [`${maxColumns - 1} of ${heads.length - 1} columns`]),
  ]
  return {
    caption: [caption, ...cut].join('; '),
    heads: heads.slice(0, maxColumns),
    rows: rows.slice(0, maxRows).map((row) => row.slice(0, maxColumns)),
  }
}

/** Rendered message, the same for every platform. All texts are plain: an adapter escapes them for its platform. */
export type MessageView = {
  mood: Mood
  /** Meaning of the output in one line, shown first. */
  headline?: string
  /** Numbers behind the headline, in one line. */
  numbers?: string
  /** What happened, in one line; also used as the text of push notifications. */
  title: string
  /** One or two sentences under the title. */
  text?: string
  /** Labelled facts that the reader decides by, in this order. */
  fields?: readonly Field[]
  /** Secondary details, one line each. */
  facts: readonly string[]
  /** Exact text, shown in a monospace font. */
  output?: string
  table?: TableView
  /** Note about the output, such as what isn't shown. */
  outputNote?: string
  /** Advice. */
  hint?: string
  link?: { url: string; label: string }
  /**
   * Accounts and groups to be notified, named as in grants (`slack:user/TEAM/USER`); an adapter mentions those of its
   * platform.
   */
  mentions?: readonly string[]
  /** Commands to type, with their purpose. */
  examples: readonly { command: string; about: string }[]
  actions: readonly RunAction[]
  /** Id of the run (or fan-out) that the actions apply to. */
  run?: string
  /** Number of the next output page, for a paged action. */
  next?: number
  /** What the buttons of suggestions stand for: a label, and the word that says which one. */
  suggestions?: readonly { label: string; word: string }[]
  /** The command as it was typed, for a form that is prefilled with it. */
  typed?: string
}

/** Splits a text at backticks; the pieces between them are code, which a platform shows in a monospace font. */
export function codePieces(text: string): { text: string; code: boolean }[] {
  return text
    .split(/`([^`]+)`/)
    .map((piece, at) => ({ text: piece, code: at % 2 === 1 }))
    .filter((piece) => piece.text !== '')
}

/** Returns the label of a button. */
export function buttonLabel(view: MessageView, action: RunAction): string {
  return suggestionOf(view, action)?.label ?? runActions[action].label
}

function suggestionOf(view: MessageView, action: RunAction) {
  const { suggestion } = runActions[action]
  return suggestion === undefined ? undefined : view.suggestions?.[suggestion]
}

/** Returns the value of a button: the run's id, followed by the next page for a paged action, or by a suggestion's word. */
export function buttonValue(view: MessageView, action: RunAction): string {
  const suggestion = suggestionOf(view, action)
  if (suggestion !== undefined) return `${view.run} ${suggestion.word}`
  return runActions[action].paged && view.next !== undefined ? `${view.run} ${view.next}` : (view.run ?? '')
}

/** Returns a view as one plain text, for terminals, logs and screen readers. */
export function plainText(view: MessageView): string {
  return [
    ...(view.headline === undefined ? [] : [view.headline]),
    ...(view.numbers === undefined ? [] : [view.numbers]),
    view.title,
    ...(view.text === undefined ? [] : [view.text]),
    ...(view.fields ?? []).map(({ label, value }) => `${label}: ${value}`),
    ...view.examples.map(({ command, about }) => `  ${command}    ${about}`),
    ...(view.output === undefined ? [] : [view.output]),
    ...(view.table === undefined ? [] : [`(Table: ${view.table.caption})`]),
    ...(view.outputNote === undefined ? [] : [`(${view.outputNote})`]),
    ...(view.hint === undefined ? [] : [`Hint: ${view.hint}`]),
    ...(view.link === undefined ? [] : [`${view.link.label}: ${view.link.url}`]),
    ...view.facts,
  ].join('\n')
}

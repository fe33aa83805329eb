import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { buttonLabels, buttonValue, codePieces, type MessageView, type Mood } from '#core/messages/view'
import type { RunAction } from '#core/runs/run'

type Element = Record<string, unknown>
/** An Adaptive Card. */
export type Card = { type: 'AdaptiveCard'; version: '1.5'; body: Element[]; actions?: Element[] } & Element

/** Characters of a title in a notification, and of a fact. */
const longestSummary = 200
const longestFact = 2_000
/** Examples in one card, and actions: Teams shows six. */
const mostExamples = 20
const mostActions = 6

const signs = { good: '✅ ', warn: '⚠️ ', bad: '❌ ', busy: '⏳ ', plain: '' } satisfies Record<Mood, string>
/** Only what went wrong is coloured: Teams' green and yellow can't be read on white. */
const colours: Partial<Record<Mood, string>> = { bad: 'Attention' }
const styles: Partial<Record<RunAction, 'positive' | 'destructive'>> = {
  approve: 'positive',
  deny: 'destructive',
  cancel: 'destructive',
}
/** What only those see who may do it. */
const reviewing: ReadonlySet<RunAction> = new Set(['approve', 'approve-window', 'deny'])

/**
 * A notice as an Adaptive Card 1.5. Everything that somebody else wrote stands in text runs, which Teams shows letter by letter;
 * a TextBlock would read Markdown in it. `reviewer`: the card as somebody sees it who may decide.
 */
export function toCard(notice: Message, reviewer = false): Card {
  const words = renderMessage(notice)
  const asks = notice.kind === 'asking' && notice.state === 'pending'
  const own = words.actions.filter((action) => !asks || reviewing.has(action) === reviewer)
  const refresh = { type: 'Action.Execute', title: 'Decide…', verb: 'refresh', data: { run: words.run ?? '' } }
  const actions = [...(asks && !reviewer ? [refresh] : []), ...own.map((each) => actionOf(words, each))]
  return {
    type: 'AdaptiveCard',
    version: '1.5',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    msteams: { width: 'Full' },
    body: bodyOf(words),
    ...(actions.length === 0 ? {} : { actions: actions.slice(0, mostActions) }),
    // Clients ask for their person's own view by themselves, in conversations of up to 60 people; the button does it everywhere.
    ...(asks && !reviewer ? { refresh: { action: refresh } } : {}),
  }
}

/** What a phone's notification shows. */
export function summaryOf(notice: Message): string {
  const { headline, title } = renderMessage(notice)
  return (headline ?? title).slice(0, longestSummary)
}

function bodyOf(words: MessageView): Element[] {
  const { mood } = words
  const title = (text: string) =>
    runs([{ text: `${signs[mood]}${text}`, weight: 'Bolder', color: colours[mood] ?? 'Default' }])
  const small = [...(words.outputNote === undefined ? [] : [words.outputNote]), ...words.facts]
  return [
    ...(words.headline === undefined
      ? [title(words.title)]
      : [title(words.headline), ...optional(words.numbers), runs([{ text: words.title, italic: true }], 'None')]),
    ...optional(words.text),
    ...words.examples
      .slice(0, mostExamples)
      .map(({ command, about }) =>
        runs([{ text: command, fontType: 'Monospace' }, { text: about === '' ? '' : `  ${about}` }], 'Small'),
      ),
    ...(words.output === undefined || words.output === '' ? [] : [outputOf(words.output)]),
    ...(words.hint === undefined ? [] : hintOf(words.hint)),
    ...small
      .slice(0, 10)
      .map((text) => runs([{ text: text.slice(0, longestFact), isSubtle: true, size: 'Small' }], 'None')),
    ...(words.link === undefined
      ? []
      : [{ type: 'ActionSet', actions: [{ type: 'Action.OpenUrl', title: words.link.label, url: words.link.url }] }]),
  ]
}

/** What is typed in a fixed font; the first instant once more in the reader's own time, which only a text block can show. */
function hintOf(hint: string): Element[] {
  const pieces = codePieces(hint).map(({ text, code }) => ({ text, ...(code ? { fontType: 'Monospace' } : {}) }))
  const [at] = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=\.\d+Z|Z)/.exec(hint) ?? []
  const time = {
    type: 'TextBlock',
    text: `Until {{DATE(${at}Z, SHORT)}} {{TIME(${at}Z)}}, your time`,
    isSubtle: true,
    size: 'Small',
  }
  return [
    runs([{ text: 'Hint: ', weight: 'Bolder' }, ...pieces]),
    ...(at === undefined ? [] : [{ ...time, spacing: 'None' }]),
  ]
}

function optional(text: string | undefined): Element[] {
  return text === undefined ? [] : [runs([{ text }], 'None')]
}

function runs(parts: readonly Element[], spacing = 'Default'): Element {
  const inlines = parts.filter(({ text }) => text !== '').map((part) => ({ type: 'TextRun', ...part }))
  return { type: 'RichTextBlock', inlines, spacing }
}

/** Exact text; spaces that HTML would fold are such as aren't folded. */
function outputOf(text: string): Element {
  const shown = text.replaceAll(/^ | (?= )| $/gm, '\u00a0')
  return {
    type: 'Container',
    style: 'emphasis',
    items: [
      { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: shown, fontType: 'Monospace', size: 'Small' }] },
    ],
  }
}

function actionOf(words: MessageView, action: RunAction): Element {
  const title = buttonLabels[action]
  const style = styles[action]
  const execute = { type: 'Action.Execute', title, verb: action, ...(style === undefined ? {} : { style }) }
  const data = { run: buttonValue(words, action) }
  switch (action) {
    case 'deny':
      return asking(
        title,
        { ...execute, data },
        { id: 'reason', label: 'Why not? (may be left out)', isRequired: false },
      )
    case 'filter':
      return asking(
        title,
        { ...execute, title: 'Filter', data },
        { id: 'words', label: 'Lines that hold', ...required },
      )
    case 'rerun-with':
      return asking(
        title,
        { ...execute, title: 'Run', data },
        { id: 'command', label: 'Command', value: words.typed ?? 'shell ', ...required },
      )
    default:
      return { ...execute, data }
  }
}

const required = { isRequired: true, errorMessage: 'Write it here' }

/** A button that opens a text box. */
function asking(title: string, execute: Element, input: Element): Element {
  const card = {
    type: 'AdaptiveCard',
    version: '1.5',
    body: [{ type: 'Input.Text', maxLength: 2_000, ...input }],
    actions: [execute],
  }
  return { type: 'Action.ShowCard', title, card }
}

import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { buttonLabel, buttonValue, codePieces, type Field, type MessageView, type Mood } from '#core/messages/view'
import { type RunAction, runActions } from '#core/runs/actions'
import { cutText } from '#core/util/cut-text'
import { type Element, richText, tableOf, verbatim } from './card-elements.ts'

/** An Adaptive Card. */
export type Card = { type: 'AdaptiveCard'; version: '1.5'; body: Element[]; actions?: Element[] } & Element

/** Largest number of characters of a notification, and of a fact. */
const maxSummaryChars = 200
const maxFactChars = 2_000
/** Largest number of examples in one card, and of actions: Teams shows six. */
const maxExamples = 20
const maxActions = 6

const moodSigns = { good: '✅ ', warn: '⚠️ ', bad: '❌ ', busy: '⏳ ', plain: '' } satisfies Record<Mood, string>
/** Colours of titles. Only failures have one: Teams' green and yellow are unreadable on white. */
const moodColours: Partial<Record<Mood, string>> = { bad: 'Attention' }
const actionStyles = { primary: 'positive', danger: 'destructive' } as const

/**
 * Renders a message as an Adaptive Card 1.5. Text from users and tools is put into text runs, which Teams shows
 * verbatim; a TextBlock would interpret Markdown in it. `reviewer`: renders the card for a person who may decide the
 * request.
 */
export function toCard(message: Message, reviewer = false): Card {
  const view = renderMessage(message)
  const isPending = message.kind === 'asking' && message.state === 'pending'
  const visible = view.actions.filter(
    (action) => !isPending || (runActions[action].seenBy === 'reviewers') === reviewer,
  )
  const refresh = { type: 'Action.Execute', title: 'Decide…', verb: 'refresh', data: { run: view.run ?? '' } }
  const own = isPending && !reviewer ? [refresh] : []
  const actions = [...own, ...mostImportant(visible, maxActions - own.length).map((each) => actionOf(view, each))]
  return {
    type: 'AdaptiveCard',
    version: '1.5',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    msteams: { width: 'Full', ...entitiesOf(view.mentions ?? []) },
    body: bodyOf(view),
    ...(actions.length === 0 ? {} : { actions }),
    // In conversations of up to 60 people, clients request the view for their user themselves; elsewhere the button
    // does it.
    ...(isPending && !reviewer ? { refresh: { action: refresh } } : {}),
  }
}

/** Returns as many actions as there is room for; the last suggestions are left out first. */
function mostImportant(actions: readonly RunAction[], room: number): readonly RunAction[] {
  const rest = actions.filter((action) => runActions[action].suggestion === undefined).slice(0, room)
  const suggested = actions.filter((action) => runActions[action].suggestion !== undefined)
  const kept = new Set([...rest, ...suggested.slice(0, room - rest.length)])
  return actions.filter((action) => kept.has(action))
}

/** Returns the text of a notification. */
export function summaryOf(message: Message): string {
  const { headline, title } = renderMessage(message)
  return cutText(headline ?? title, maxSummaryChars)
}

function bodyOf(view: MessageView): Element[] {
  const { mood } = view
  const title = (text: string) =>
    richText([{ text: `${moodSigns[mood]}${text}`, weight: 'Bolder', color: moodColours[mood] ?? 'Default' }])
  const smallPrint = [...(view.outputNote === undefined ? [] : [view.outputNote]), ...view.facts]
  return [
    ...(view.headline === undefined
      ? [title(view.title)]
      : [title(view.headline), ...optionalText(view.numbers), richText([{ text: view.title, italic: true }], 'None')]),
    ...mentionsOf(view.mentions ?? []),
    ...optionalText(view.text),
    ...(view.fields ?? []).flatMap(fieldOf),
    ...view.examples
      .slice(0, maxExamples)
      .map(({ command, about }) =>
        richText([{ text: command, fontType: 'Monospace' }, { text: about === '' ? '' : `  ${about}` }], 'Small'),
      ),
    ...(view.output === undefined || view.output === '' ? [] : [outputOf(view.output)]),
    ...(view.table === undefined ? [] : tableOf(view.table)),
    ...(view.hint === undefined ? [] : hintOf(view.hint)),
    ...smallPrint
      .slice(0, 10)
      .map((text) => richText([{ text: cutText(text, maxFactChars), isSubtle: true, size: 'Small' }], 'None')),
    ...(view.link === undefined
      ? []
      : [{ type: 'ActionSet', actions: [{ type: 'Action.OpenUrl', title: view.link.label, url: view.link.url }] }]),
  ]
}

/**
 * Renders a hint: commands in a fixed-width font, and the first instant a second time in the reader's time zone, which
 * only a TextBlock can show.
 */
function hintOf(hint: string): Element[] {
  const pieces = codePieces(hint).map(({ text, code }) => ({ text, ...(code ? { fontType: 'Monospace' } : {}) }))
  return [richText([{ text: 'Hint: ', weight: 'Bolder' }, ...pieces]), ...localTimeOf(hint, 'Until')]
}

/** Renders the first instant of a text in the reader's time zone, which only a TextBlock can show. */
function localTimeOf(text: string, label: string): Element[] {
  const [at] = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=\.\d+Z|Z)/.exec(text) ?? []
  if (at === undefined) return []
  const local = `${label} {{DATE(${at}Z, SHORT)}} {{TIME(${at}Z)}}, your time`
  return [{ type: 'TextBlock', text: local, isSubtle: true, size: 'Small', spacing: 'None' }]
}

function fieldOf({ label, value, as }: Field): Element[] {
  const shown = as === 'code' ? { text: withFixedSpaces(value), fontType: 'Monospace' } : { text: value }
  return [
    richText([{ text: `${label}: `, weight: 'Bolder' }, shown], 'Small'),
    ...(as === 'instant' ? localTimeOf(value, 'That is') : []),
  ]
}

/** Returns the Entra object ids among accounts named as in grants; Teams mentions no groups. */
function mentionedIds(subjects: readonly string[]): string[] {
  return subjects.flatMap((subject) => /^teams:user\/[^/]+\/([\w-]+)$/.exec(subject)?.[1] ?? [])
}

/** Text of the mention at this position. A display name is no part of it, since its owner chooses that. */
const mentionText = (at: number) => `<at>person ${at + 1}</at>`

function mentionsOf(subjects: readonly string[]): Element[] {
  const ids = mentionedIds(subjects)
  if (ids.length === 0) return []
  return [{ type: 'TextBlock', text: ids.map((_id, at) => mentionText(at)).join(' '), wrap: true, spacing: 'None' }]
}

/**
 * Returns what makes Teams replace the texts by mentions.
 * Source: learn.microsoft.com, "Format cards in Teams", mention support.
 */
function entitiesOf(subjects: readonly string[]): { entities?: Element[] } {
  const entities = mentionedIds(subjects).map((id, at) => ({
    type: 'mention',
    text: mentionText(at),
    mentioned: { id, name: `person ${at + 1}` },
  }))
  return entities.length === 0 ? {} : { entities }
}

function optionalText(text: string | undefined): Element[] {
  return text === undefined ? [] : [richText([{ text }], 'None')]
}

/** Replaces the spaces that HTML would collapse by non-breaking spaces. */
function withFixedSpaces(text: string): string {
  return text.replaceAll(/^ | (?= )| $/gm, '\u00a0')
}

/** Renders output verbatim. */
function outputOf(text: string): Element {
  const shown = verbatim(withFixedSpaces(text))
  return {
    type: 'Container',
    style: 'emphasis',
    items: [
      { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: shown, fontType: 'Monospace', size: 'Small' }] },
    ],
  }
}

function actionOf(view: MessageView, action: RunAction): Element {
  const { style, form } = runActions[action]
  const title = buttonLabel(view, action)
  const button = { type: 'Action.Execute', title, verb: action }
  const execute = { ...button, ...(style === undefined ? {} : { style: actionStyles[style] }) }
  const data = { run: buttonValue(view, action) }
  if (form === undefined) return { ...execute, data }
  const { field, label, required, submit, prefilled } = form
  return inputAction(
    title,
    { ...execute, title: submit, data },
    {
      id: field,
      label: required ? label : `${label} (optional)`,
      ...(prefilled ? { value: view.typed ?? 'shell ' } : {}),
      ...(required ? { isRequired: true, errorMessage: 'This field is required' } : { isRequired: false }),
    },
  )
}

/** Creates a button that opens a text box. */
function inputAction(title: string, execute: Element, input: Element): Element {
  const card = {
    type: 'AdaptiveCard',
    version: '1.5',
    body: [{ type: 'Input.Text', maxLength: 2_000, ...input }],
    actions: [execute],
  }
  return { type: 'Action.ShowCard', title, card }
}

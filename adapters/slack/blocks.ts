import type { KnownBlock, RichTextBlock, RichTextSection } from '@slack/types'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import {
  buttonLabel,
  buttonValue,
  codePieces,
  type Field,
  type MessageView,
  type Mood,
  plainText,
} from '#core/messages/view'
import { type RunAction, runActions } from '#core/runs/actions'
import { cutText } from '#core/util/cut-text'
import { defined } from '#core/util/defined'
import { tableBlock } from './table-block.ts'

/**
 * Largest number of characters of `text`, which notifications and screen readers use. Slack has been observed to
 * truncate it far below the documented 40,000.
 */
const maxTextChars = 4_000
/** Largest number of characters of an element of a context block. Source: docs.slack.dev, "Context block". */
const maxFactChars = 2_000
/** Largest number of characters of a button's text. Source: docs.slack.dev, "Button element". */
const maxLabelChars = 75
/** Largest number of characters of a button's value. Source: docs.slack.dev, "Button element". */
const maxValueChars = 2_000
/** Largest number of examples in one message. They share one block, since Slack limits a message to 50 blocks. */
const maxExamples = 30

const moodEmoji = {
  good: 'white_check_mark',
  warn: 'warning',
  bad: 'x',
  busy: 'hourglass_flowing_sand',
  plain: undefined,
} satisfies Record<Mood, string | undefined>

/**
 * Renders a message as Block Kit. Text from users and tools (commands, output) is put into rich text or plain text
 * elements, which Slack shows verbatim: mentions, links and markup in it have no effect.
 */
export function toMessage(
  message: Message,
  { tables = true }: { tables?: boolean } = {},
): { text: string; blocks: KnownBlock[] } {
  const view = renderMessage(message)
  const blocks = toBlocks(view)
  const table = view.table === undefined || !tables ? undefined : tableBlock(view.table, blocks)
  // Before the small print and the buttons.
  const all = table === undefined ? blocks : blocks.toSpliced(1, 0, table)
  return { text: escapeText(cutText(plainText(view), maxTextChars)), blocks: all }
}

/** Escapes the three characters that start markup in `text`. Source: docs.slack.dev, "Formatting message text". */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Renders a view as blocks, for messages, forms and the home page. */
export function toBlocks(view: MessageView): KnownBlock[] {
  const body: RichTextBlock['elements'] = titlesOf(view)
  const mentions = (view.mentions ?? []).flatMap(mentionElements)
  if (mentions.length > 0) body.push(section(mentions))
  if (view.text !== undefined) body.push(section([{ type: 'text', text: view.text }]))
  body.push(...(view.fields ?? []).map(fieldOf))
  if (view.examples.length > 0) {
    body.push({
      type: 'rich_text_list',
      style: 'bullet',
      elements: view.examples
        .slice(0, maxExamples)
        .map(({ command, about }) =>
          section([
            { type: 'text', text: command, style: { code: true } },
            ...(about === '' ? [] : [{ type: 'text' as const, text: `  ${about}` }]),
          ]),
        ),
    })
  }
  if (view.output !== undefined && view.output !== '') {
    body.push({ type: 'rich_text_preformatted', elements: [{ type: 'text', text: view.output }] })
  }
  if (view.hint !== undefined) {
    body.push(section([{ type: 'text', text: 'Hint: ', style: { bold: true } }, ...hintElements(view.hint)]))
  }
  if (view.link !== undefined) {
    body.push(section([{ type: 'link', url: view.link.url, text: view.link.label }]))
  }
  const smallPrint = [...(view.outputNote === undefined ? [] : [view.outputNote]), ...view.facts]
  return [
    { type: 'rich_text', elements: body },
    ...(smallPrint.length === 0 ? [] : [contextOf(smallPrint)]),
    ...(view.actions.length === 0 ? [] : [actionsBlock(view)]),
  ]
}

function section(elements: RichTextSection['elements']): RichTextSection {
  return { type: 'rich_text_section', elements }
}

/** Renders the interpretation, its numbers, then the command: on a phone, many people read only the first line. */
function titlesOf(view: MessageView): RichTextSection[] {
  if (view.headline === undefined) return [titleOf(view.mood, view.title)]
  return [
    titleOf(view.mood, view.headline),
    ...(view.numbers === undefined ? [] : [section([{ type: 'text', text: view.numbers }])]),
    section([{ type: 'text', text: view.title, style: { italic: true } }]),
  ]
}

function titleOf(mood: Mood, title: string): RichTextSection {
  const emoji = moodEmoji[mood]
  return section([
    ...(emoji === undefined
      ? []
      : [
          { type: 'emoji' as const, name: emoji },
          { type: 'text' as const, text: ' ' },
        ]),
    { type: 'text', text: title, style: { bold: true } },
  ])
}

/** Renders an account or user group of this platform as an element that notifies people; others as nothing. */
function mentionElements(subject: string): RichTextSection['elements'] {
  const [, user, group] = /^slack:(?:user\/\w+\/([UW]\w+)|usergroup\/(S\w+))$/.exec(subject) ?? []
  const space = { type: 'text' as const, text: ' ' }
  if (user !== undefined) return [{ type: 'user', user_id: user }, space]
  return group === undefined ? [] : [{ type: 'usergroup', usergroup_id: group }, space]
}

function fieldOf({ label, value, as }: Field): RichTextSection {
  const elements: RichTextSection['elements'] =
    as === 'instant'
      ? dateElement(value)
      : [{ type: 'text', text: value, ...(as === 'code' ? { style: { code: true } } : {}) }]
  return section([{ type: 'text', text: `${label}: `, style: { bold: true } }, ...elements])
}

function contextOf(lines: readonly string[]): KnownBlock {
  const elements = lines.slice(0, 10).map((line) => ({
    type: 'plain_text' as const,
    text: cutText(line, maxFactChars),
    emoji: false,
  }))
  return { type: 'context', elements }
}

function actionsBlock(view: MessageView): KnownBlock {
  return {
    type: 'actions',
    elements: view.actions.map((action) => {
      const { style } = runActions[action]
      return {
        type: 'button' as const,
        action_id: action,
        value: valueFor(view, action),
        text: { type: 'plain_text' as const, text: cutText(buttonLabel(view, action), maxLabelChars) },
        ...defined({ style }),
      }
    }),
  }
}

/**
 * Returns a button's value. For a form that is prefilled it is the command; a command that is too long for a value has
 * to be typed again.
 */
function valueFor(view: MessageView, action: RunAction): string {
  if (!runActions[action].form?.prefilled) return buttonValue(view, action)
  const { typed = '' } = view
  return typed === '' || typed.length > maxValueChars ? 'shell ' : typed
}

const instant = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/

/** Renders a hint: commands as code, and instants as dates, which Slack shows in the reader's time zone. */
function hintElements(text: string): RichTextSection['elements'] {
  return codePieces(text).flatMap(({ text: piece, code }): RichTextSection['elements'] =>
    code ? [{ type: 'text', text: piece, style: { code: true } }] : piece.split(instant).flatMap(dateElement),
  )
}

function dateElement(part: string): RichTextSection['elements'] {
  if (part === '') return []
  if (!instant.test(part)) return [{ type: 'text', text: part }]
  const timestamp = Math.floor(Date.parse(part) / 1_000)
  return [{ type: 'date', timestamp, format: '{date_short_pretty} {time}', fallback: part }]
}

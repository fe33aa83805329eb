import type { KnownBlock, RichTextBlock, RichTextSection } from '@slack/types'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { buttonLabels, buttonValue, codePieces, type MessageView, type Mood, plainText } from '#core/messages/view'
import type { RunAction } from '#core/runs/run'

/** Characters of a `text`: what notifications and screen readers get. Slack was seen to cut messages far below its 40,000. */
const longestText = 3_000
/** Characters of one element of a context block. Source: docs.slack.dev, "Context block". */
const longestFact = 2_000
/** Characters of a button's value. Source: docs.slack.dev, "Button element". */
const longestValue = 2_000
/** Examples in one message; a block of each would soon reach Slack's 50 blocks. */
const mostExamples = 30

const signs = {
  good: 'white_check_mark',
  warn: 'warning',
  bad: 'x',
  busy: 'hourglass_flowing_sand',
  plain: undefined,
} satisfies Record<Mood, string | undefined>

const styles: Partial<Record<RunAction, 'primary' | 'danger'>> = {
  approve: 'primary',
  deny: 'danger',
  cancel: 'danger',
}

/**
 * A notice as Block Kit. Everything that somebody else wrote (a command, a tool's output) stands in rich text or plain
 * text elements, which Slack shows letter by letter: no mention, link or markup in it has any effect.
 */
export function toMessage(notice: Message): { text: string; blocks: KnownBlock[] } {
  const words = renderMessage(notice)
  return { text: escapeText(cut(plainText(words), longestText)), blocks: toBlocks(words) }
}

/** The three characters that begin markup in a `text`. Source: docs.slack.dev, "Formatting message text". */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The same without the text, as forms and the home page hold it. */
export function toBlocks(words: MessageView): KnownBlock[] {
  const body: RichTextBlock['elements'] = titlesOf(words)
  if (words.text !== undefined) body.push(section([{ type: 'text', text: words.text }]))
  if (words.examples.length > 0) {
    body.push({
      type: 'rich_text_list',
      style: 'bullet',
      elements: words.examples
        .slice(0, mostExamples)
        .map(({ command, about }) =>
          section([
            { type: 'text', text: command, style: { code: true } },
            ...(about === '' ? [] : [{ type: 'text' as const, text: `  ${about}` }]),
          ]),
        ),
    })
  }
  if (words.output !== undefined && words.output !== '') {
    body.push({ type: 'rich_text_preformatted', elements: [{ type: 'text', text: words.output }] })
  }
  if (words.hint !== undefined) {
    body.push(section([{ type: 'text', text: 'Hint: ', style: { bold: true } }, ...withTimes(words.hint)]))
  }
  if (words.link !== undefined) {
    body.push(section([{ type: 'link', url: words.link.url, text: words.link.label }]))
  }
  const small = [...(words.outputNote === undefined ? [] : [words.outputNote]), ...words.facts]
  return [
    { type: 'rich_text', elements: body },
    ...(small.length === 0 ? [] : [contextOf(small)]),
    ...(words.actions.length === 0 ? [] : [buttons(words)]),
  ]
}

function section(elements: RichTextSection['elements']): RichTextSection {
  return { type: 'rich_text_section', elements }
}

/** What it means, its numbers, then what was run: on a phone the first line is all that many read. */
function titlesOf(words: MessageView): RichTextSection[] {
  if (words.headline === undefined) return [titleOf(words.mood, words.title)]
  return [
    titleOf(words.mood, words.headline),
    ...(words.numbers === undefined ? [] : [section([{ type: 'text', text: words.numbers }])]),
    section([{ type: 'text', text: words.title, style: { italic: true } }]),
  ]
}

function titleOf(mood: Mood, title: string): RichTextSection {
  const sign = signs[mood]
  return section([
    ...(sign === undefined
      ? []
      : [
          { type: 'emoji' as const, name: sign },
          { type: 'text' as const, text: ' ' },
        ]),
    { type: 'text', text: title, style: { bold: true } },
  ])
}

function contextOf(lines: readonly string[]): KnownBlock {
  const elements = lines.slice(0, 10).map((line) => ({
    type: 'plain_text' as const,
    text: cut(line, longestFact),
    emoji: false,
  }))
  return { type: 'context', elements }
}

function buttons(words: MessageView): KnownBlock {
  return {
    type: 'actions',
    elements: words.actions.map((action) => ({
      type: 'button' as const,
      action_id: action,
      value: valueFor(words, action),
      text: { type: 'plain_text' as const, text: buttonLabels[action] },
      ...(styles[action] === undefined ? {} : { style: styles[action] }),
    })),
  }
}

/** Prefills the form that changes a command; a command too long for a button has to be typed again. */
function valueFor(words: MessageView, action: RunAction): string {
  if (action !== 'rerun-with') return buttonValue(words, action)
  const { typed = '' } = words
  return typed === '' || typed.length > longestValue ? 'shell ' : typed
}

const instant = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/

/** What is typed in a fixed font, and instants as Slack shows them: in the reader's own zone. */
function withTimes(text: string): RichTextSection['elements'] {
  return codePieces(text).flatMap(({ text: piece, code }): RichTextSection['elements'] =>
    code ? [{ type: 'text', text: piece, style: { code: true } }] : piece.split(instant).flatMap(timed),
  )
}

function timed(part: string): RichTextSection['elements'] {
  if (part === '') return []
  if (!instant.test(part)) return [{ type: 'text', text: part }]
  const timestamp = Math.floor(Date.parse(part) / 1_000)
  return [{ type: 'date', timestamp, format: '{date_short_pretty} {time}', fallback: part }]
}

/** Cuts a text to at most this many characters, with an ellipsis where it was cut. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

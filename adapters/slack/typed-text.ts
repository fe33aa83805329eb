import { type AddressedText, addressedText, type MessagePart } from '#adapters/common/addressed-text'

/** Mention of a person, a user group or everybody. Source: docs.slack.dev, "Formatting message text". */
const mention = /<(@[^<>\s|]+|!(?:subteam\^|here|channel|everyone)[^<>\s|]*)(?:\|[^<>]*)?>/g

/**
 * Returns what a person typed in a message, without the address to the bot and without the marks of formatting around it, in Slack's encoding
 * (entities and `<…>`). `own`: the bot's user id; without it any mention of a person counts as the bot's.
 */
export function typedText(text: string, own?: string): AddressedText {
  const addressed = addressedText(partsOf(withoutFormatting(text.trim()), own))
  return { ...addressed, text: withoutFormatting(addressed.text) }
}

function partsOf(text: string, own: string | undefined): MessagePart[] {
  const parts: MessagePart[] = []
  const codeEnd = text.lastIndexOf('`')
  let end = 0
  let ticks = 0
  for (const { 0: written, 1: target = '', index } of text.matchAll(mention)) {
    const before = text.slice(end, index)
    ticks += countTicks(before)
    parts.push({ text: before })
    // Slack leaves code as it was typed: a mention in it notifies nobody.
    const isInCode = ticks % 2 === 1 && index < codeEnd
    const isOwn = target.startsWith('@') && (own === undefined || target === `@${own}`)
    parts.push(isInCode ? { text: written } : { text: written, mention: isOwn ? 'own' : 'other' })
    end = index + written.length
  }
  return [...parts, { text: text.slice(end) }]
}

function countTicks(text: string): number {
  return text.split('`').length - 1
}

/** Removes the marks that Slack writes for formatting which spans the command, or its first word. */
function withoutFormatting(text: string): string {
  return withoutMarks(
    withoutQuote(text)
      .replace(/^[•◦▪]\s+/, '')
      .trim(),
  )
}

const quoteMark = /^\s*(?:&gt;)+ ?/

/** Removes quoted lines in front of the command; where all lines are quoted, the marks of the quotation. */
function withoutQuote(text: string): string {
  const lines = text.split('\n')
  const own = lines.findIndex((line) => line.trim() !== '' && !quoteMark.test(line))
  return own === -1 ? lines.map((line) => line.replace(quoteMark, '')).join('\n') : lines.slice(own).join('\n')
}

/** Marks of bold, italic and struck text. All of them can stand around the same text. */
const marks = '*_~'

/** Removes marks: no command begins with one. */
function withoutMarks(text: string, times = marks.length): string {
  const mark = text[0] ?? ''
  if (times === 0 || mark === '' || !marks.includes(mark)) return text
  const space = text.search(/\s/)
  const word = space === -1 ? text : text.slice(0, space)
  const isWhole = text.length > 1 && text.endsWith(mark)
  if (!isWhole && (word.length < 2 || !word.endsWith(mark))) return text
  return withoutMarks(isWhole ? text.slice(1, -1) : word.slice(1, -1) + text.slice(word.length), times - 1)
}

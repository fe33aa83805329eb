import { firstChars } from '#core/util/cut-text'
import { isRecord, toList } from '#core/util/json'

/** Largest number of characters that are read of a message. */
const maxChars = 4_000
/** Largest number of blocks in each other, and of those that are read. */
const maxDepth = 8

/** Fields of a message, its attachments and its blocks that have text. Source: docs.slack.dev, "Formatting message text", "Attachments". */
const textFields = ['text', 'pretext', 'title', 'fallback', 'value']
const partFields = ['attachments', 'fields', 'blocks', 'elements']

/** Returns the text of a message, with that of its attachments and blocks, without Slack's markup. */
export function textOfMessage(message: unknown): string {
  const texts: string[] = []
  collect(message, texts, 0)
  const lines = [...new Set(texts.map(withoutMarkup).filter((text) => text !== ''))]
  return firstChars(lines.join('\n'), maxChars)
}

function collect(part: unknown, texts: string[], depth: number): void {
  if (!isRecord(part) || depth > maxDepth || texts.length > 200) return
  for (const name of textFields) {
    const text = part[name]
    if (typeof text === 'string') texts.push(firstChars(text, maxChars))
    else collect(text, texts, depth + 1)
  }
  for (const name of partFields) for (const each of toList(part[name]).slice(0, 100)) collect(each, texts, depth + 1)
}

/** Replaces links and mentions by what is read of them, and entities by their characters. */
function withoutMarkup(text: string): string {
  const read = text.replaceAll(/<([^<>]{0,2000})>/g, (_all, inner: string) => {
    const bar = inner.lastIndexOf('|')
    return bar === -1 ? inner : inner.slice(bar + 1)
  })
  return read.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim()
}

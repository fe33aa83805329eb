/** Part of a message: text, or a mention of the bot (`own`) or of others, as the platform writes it. */
export type MessagePart = { text: string; mention?: 'own' | 'other' }

/** What a person tells the bot. `isAddressed`: the message mentions the bot. */
export type AddressedText = { text: string; isAddressed: boolean }

/** Text between two mentions that stand together; `&amp;` as in Slack. */
const betweenMentions: readonly string[] = ['', ',', ';', ':', '/', '+', '&', '&amp;', 'and']

/** Punctuation behind the bot's name: `@bot: nodes`, `@bot, nodes`, `@bot – nodes`. */
const behindName = /^\s*(?:[:,;!]|[-–—](?=\s))?\s*/

const behindLastName = /^[\s.,:;!?…]*$/

/**
 * Returns the text of a message without its address to the bot: a mention of it, and mentions of others beside that one. The text behind the
 * address is the command (`hi @bot nodes`), or the text in front of it where it stands at the end (`nodes @bot`). Other mentions are kept, as they
 * may belong to the command: `@bot deny ID ask @bob`.
 */
export function addressedText(message: readonly MessagePart[]): AddressedText {
  const parts = message.filter(({ text }) => text !== '')
  const behind = behindLeadingAddress(parts)
  if (behind !== undefined) return { text: joinParts(beforeTrailingAddress(behind) ?? behind), isAddressed: true }
  const before = beforeTrailingAddress(parts)
  const rest = before ?? parts
  const inside = findUnquotedAddress(rest)
  const command = inside === -1 ? rest : (behindLeadingAddress(rest.slice(inside)) ?? rest)
  return { text: joinParts(command), isAddressed: before !== undefined || inside !== -1 }
}

function joinParts(parts: readonly MessagePart[]): string {
  return parts
    .map(({ text }) => text)
    .join('')
    .trim()
}

/** Returns the parts behind the mentions that the message begins with; undefined where none of them is the bot's. */
function behindLeadingAddress(parts: readonly MessagePart[]): readonly MessagePart[] | undefined {
  const found = parts.findIndex((part) => !isMentionOrBetween(part))
  const end = found === -1 ? parts.length : found
  if (!parts.slice(0, end).some(isOwn)) return undefined
  const [first, ...others] = parts.slice(end)
  return first === undefined ? [] : [{ text: first.text.replace(behindName, '') }, ...others]
}

/** Returns the parts in front of the mentions that the message ends with; undefined where none of them is the bot's. */
function beforeTrailingAddress(parts: readonly MessagePart[]): readonly MessagePart[] | undefined {
  const last = parts.findLastIndex(({ mention }) => mention !== undefined)
  if (!parts.slice(last + 1).every(({ text }) => behindLastName.test(text))) return undefined
  const start = parts.findLastIndex((part, at) => at < last && !isMentionOrBetween(part))
  if (!parts.slice(start + 1).some(isOwn)) return undefined
  const before = parts.slice(0, start + 1)
  const end = before.pop()
  return end === undefined ? [] : [...before, { text: withoutLastComma(end.text) }]
}

function isMentionOrBetween({ text, mention }: MessagePart): boolean {
  return mention !== undefined || betweenMentions.includes(text.trim().toLowerCase())
}

function isOwn({ mention }: MessagePart): boolean {
  return mention === 'own'
}

function withoutLastComma(text: string): string {
  const trimmed = text.trimEnd()
  return trimmed.endsWith(',') ? trimmed.slice(0, -1) : trimmed
}

const quotes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '‘': '’' }

/**
 * Returns the index of the bot's first mention outside of quotes, such as those of a reason; -1 for none. An apostrophe inside a word opens no
 * quotation.
 */
function findUnquotedAddress(parts: readonly MessagePart[]): number {
  const all = parts.map(({ text }) => text).join('')
  let closing: string | undefined
  let last = ' '
  let offset = 0
  for (const [at, { text, mention }] of parts.entries()) {
    if (mention === 'own' && (closing === undefined || all.lastIndexOf(closing) < offset)) return at
    for (const char of text) {
      if (char === closing) closing = undefined
      else if (closing === undefined && /[\s=]/.test(last)) closing = quotes[char]
      last = char
    }
    offset += text.length
  }
  return -1
}

import type { MessagePart } from '#adapters/common/addressed-text'
import { linkText } from '#core/util/typed-link-text'
import { type Markup, readMarkup } from './html-tokens.ts'

/** Names under which a message may mention the bot. */
export type OwnNames = ReadonlySet<string>

const mentionType = 'http://schema.skype.com/Mention'
const emojiType = 'http://schema.skype.com/Emoji'
/** Types of what others wrote: quoted replies and forwarded messages. */
const othersTypes: readonly string[] = ['http://schema.skype.com/Reply', 'http://schema.skype.com/Forward']

/** Elements whose content nobody typed. */
const droppedTags: ReadonlySet<string> = new Set([
  ...['script', 'style', 'title', 'attachment', 'quoted', 'emoji', 'systemeventmessage'],
])
const lineTags: ReadonlySet<string> = new Set([
  ...['p', 'div', 'br', 'li', 'ul', 'ol', 'tr', 'table', 'blockquote', 'pre', 'codeblock', 'hr'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
])
const preformattedTags: ReadonlySet<string> = new Set(['pre', 'codeblock'])

/** Element whose content is read as a whole. `depth`: number of open elements of its name. */
type Whole = { name: string; depth: number; text: string } & (
  | { kind: 'drop' | 'mention' }
  | { kind: 'link'; href: string }
)

/** State of reading: the parts so far, and what they stand in. */
type Scan = {
  own: OwnNames
  parts: MessagePart[]
  quoted: MessagePart[]
  whole: Whole | undefined
  quotations: number
  preformatted: number
}

/** Tags that a message's `text` may have, which otherwise is what was typed. */
const textTags: ReadonlySet<string> = new Set(['at', 'quoted'])

/** Returns the parts of a message's `text`. */
export function partsOfText(text: string, own: OwnNames): MessagePart[] {
  const scan = newScan(own)
  for (const markup of readMarkup(text, textTags)) {
    if (markup.kind === 'text' && scan.whole === undefined) add(scan, markup.text)
    else read(scan, markup)
  }
  return scan.parts
}

/**
 * Returns the parts of a message's HTML, as they were typed: lines, code in backticks, links as their text. Leaves out what others wrote; of what
 * the sender quoted, all but a quotation without further text.
 */
export function partsOfHtml(html: string, own: OwnNames): MessagePart[] {
  const scan = newScan(own)
  for (const markup of readMarkup(html)) read(scan, markup)
  const hasText = scan.parts.some(({ text, mention }) => mention === undefined && text.trim() !== '')
  return hasText ? scan.parts : [...scan.parts, ...scan.quoted]
}

function newScan(own: OwnNames): Scan {
  return { own, parts: [], quoted: [], whole: undefined, quotations: 0, preformatted: 0 }
}

function add({ parts, quoted, quotations }: Scan, text: string, mention?: MessagePart['mention']): void {
  const list = quotations > 0 ? quoted : parts
  list.push(mention === undefined ? { text } : { text, mention })
}

function read(scan: Scan, markup: Markup): void {
  if (scan.whole !== undefined) readInside(scan, scan.whole, markup)
  else if (markup.kind === 'text') {
    add(
      scan,
      scan.preformatted > 0 ? markup.text.replaceAll(/\r\n?/g, '\n') : markup.text.replaceAll(/[ \t\r\n\f]+/g, ' '),
    )
  } else readTag(scan, markup)
}

function readInside(scan: Scan, whole: Whole, markup: Markup): void {
  if (markup.kind === 'text') whole.text += markup.text
  else if (markup.name === whole.name && markup.kind !== 'empty') {
    whole.depth += markup.kind === 'open' ? 1 : -1
    if (whole.depth === 0) endWhole(scan, whole)
  }
}

function endWhole(scan: Scan, whole: Whole): void {
  scan.whole = undefined
  if (whole.kind === 'mention') {
    const name = whole.text.trim()
    add(scan, `@${name}`, scan.own.has(name) ? 'own' : 'other')
  } else if (whole.kind === 'link') add(scan, linkText(withoutSafeLink(whole.href), whole.text))
}

type TagMarkup = Exclude<Markup, { kind: 'text' }>

function readTag(scan: Scan, tag: TagMarkup): void {
  const { kind, name } = tag
  if (kind === 'open') {
    const whole = wholeOf(tag)
    if (whole !== undefined) {
      if (name === 'emoji') add(scan, tag.attribute('alt'))
      scan.whole = whole
      return
    }
  }
  if (name === 'img' && tag.attribute('itemtype') === emojiType) add(scan, tag.attribute('alt'))
  if (lineTags.has(name)) add(scan, '\n')
  else if (name === 'td' || name === 'th') add(scan, ' ')
  // In code, backticks were typed, or stand for it.
  else if (name === 'code' && scan.preformatted === 0 && kind !== 'empty') add(scan, '`')
  const change = kind === 'open' ? 1 : kind === 'close' ? -1 : 0
  if (preformattedTags.has(name)) scan.preformatted = Math.max(0, scan.preformatted + change)
  if (name === 'blockquote') scan.quotations = Math.max(0, scan.quotations + change)
}

function wholeOf({ name, attribute }: TagMarkup): Whole | undefined {
  const whole = { name, depth: 1, text: '' }
  const type = attribute('itemtype')
  if (name === 'at' || type === mentionType) return { ...whole, kind: 'mention' }
  if (droppedTags.has(name) || (name === 'blockquote' && othersTypes.includes(type))) return { ...whole, kind: 'drop' }
  return name === 'a' ? { ...whole, kind: 'link', href: attribute('href') } : undefined
}

/** Hosts of safe links. Sources: Cimbali/safelinks-cleanup, mortenn/browserpicker#24. */
const safeLinkHost = /^(?:[\w-]+\.safelinks\.protection\.outlook|[\w-]+\.teams\.cdn\.office)\.(?:com|net)$/

/** Returns the address that a safe link of Microsoft Defender wraps. */
function withoutSafeLink(href: string): string {
  if (!URL.canParse(href)) return href
  const { hostname, searchParams } = new URL(href)
  return (safeLinkHost.test(hostname) ? searchParams.get('url') : undefined) ?? href
}

import { isPhoneLink, linkText } from '#core/util/typed-link-text'

/** Character of a text. `literal`: it has no special meaning, even where a shell would give it one. */
export type Piece = { char: string; literal: boolean }

/**
 * Reverts the typography that phones and chats apply to typed text: curly quotes, Unicode spaces and line ends, and
 * invisible characters. Dashes are unchanged: only at the start of a word is it clear what was typed; see `undoDashes`.
 */
export function undoTypography(text: string): string {
  return text
    .replaceAll(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replaceAll(/[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g, '')
    .replaceAll(/\ufe0e|\ufe0f/g, '')
    .replaceAll(/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, ' ')
    .replaceAll(/[\u201c\u201d\u201e\u201f\u2033\u2036\uff02]/g, '"')
    .replaceAll(/[\u2018\u2019\u201a\u201b\u2032\u2035\uff07]/g, "'")
}

/**
 * Removes a chat's formatting around a whole text, or around its first words: `*shell …*`, `_shell …_`, `~shell …~`, and
 * the sign of a quotation, which Slack sends as `&gt;`.
 */
export function undoFormatting(text: string): string {
  const unquoted = text.trim().replace(/^(?:>|&gt;) ?/, '')
  const [, sign = ''] = /^([*_~]{1,3})[a-z@/]/i.exec(unquoted) ?? []
  if (sign === '') return unquoted
  const [inside, closing] = [unquoted.slice(sign.length), [...sign].reverse().join('')]
  if (inside.endsWith(closing)) return inside.slice(0, -closing.length)
  const end = inside.indexOf(`${closing} `)
  return end === -1 ? unquoted : `${inside.slice(0, end)}${inside.slice(end + closing.length)}`
}

const entities: readonly (readonly [string, string])[] = [
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
]

/**
 * Splits a text into characters. With `escaped`, decodes Slack's three entities and replaces its `<…>` by the text that
 * was typed; the characters of a link are literal, because Slack has recognised it as one word.
 * Source: Slack, "Formatting text for app surfaces".
 */
export function toPieces(text: string, escaped: boolean): Piece[] {
  if (!escaped) return Array.from(text, (char) => ({ char, literal: false }))
  return Array.from(text.matchAll(slackUnit)).flatMap(([unit, link]): Piece[] => {
    // Chats make a phone number of several words, too: these are read as they were typed.
    const literal = link !== undefined && !isPhoneLink(link)
    if (link !== undefined) return Array.from(decode(toLinkText(link)), (char) => ({ char, literal }))
    return [{ char: decode(unit), literal: false }]
  })
}

/** Entity, link, or any other character of a text that Slack sends. */
const slackUnit = /&(?:amp|lt|gt);|<([^<>\s][^<>]*)>|[\s\S]/gu

function decode(text: string): string {
  return text.replaceAll(/&(amp|lt|gt);/g, (code) => entities.find(([each]) => each === code)?.[1] ?? code)
}

/** Returns the text that was typed where Slack sends `<link|label>`, `<@U1>`, `<#C1|name>`, `<!here>` or `<!date^…|text>`. */
function toLinkText(link: string): string {
  const separator = link.indexOf('|')
  const [target, label] = separator === -1 ? [link, ''] : [link.slice(0, separator), link.slice(separator + 1)]
  if (target.startsWith('!date^')) return label
  const prefix = target[0] ?? ''
  const name = label || target.slice(1).replace(/^subteam\^/, '')
  if ('@#!'.includes(prefix)) return `${prefix === '#' ? '#' : '@'}${name.replace(/^[@#]/, '')}`
  return linkText(target, label)
}

const hyphens = /[\u2010\u2011\u2212\ufe63\uff0d]/
const dashes = /[\u2013\u2014\u2015]/

/**
 * Replaces the dashes of a word by the hyphens that were typed. Phones turn `--` into one dash; a dash before a single
 * letter, or an en dash before a bundle of letters (`–nvL`), was one hyphen.
 */
export function undoDashes(word: readonly Piece[]): Piece[] {
  const plain = word.map((piece) => (!piece.literal && hyphens.test(piece.char) ? { ...piece, char: '-' } : piece))
  const end = plain.findIndex((piece) => !isDash(piece))
  const leading = plain.slice(0, end === -1 ? undefined : end)
  const rest = plain
    .slice(leading.length)
    .flatMap((piece) => (isDash(piece) ? toHyphens(piece.char === enDash ? 1 : 2) : [piece]))
  // Two dashes were two hyphens; what a single one was, the name behind it shows.
  const last = leading.length % 2 === 1 ? leading.at(-1) : undefined
  const count = last === undefined ? leading.length : leading.length - 1 + countHyphens(last, rest)
  return [...toHyphens(count), ...rest]
}

function isDash({ char, literal }: Piece): boolean {
  return !literal && dashes.test(char)
}

function countHyphens(dash: Piece, rest: readonly Piece[]): number {
  const name = rest.map(({ char }) => char).join('')
  const long = /^([a-z][a-z0-9]{3,}|[a-z][a-z0-9]*-.*)(=|$)/.test(name)
  const single = /^[A-Za-z0-9](=|$)/.test(name)
  return name === '' || long || (!single && dash.char !== enDash) ? 2 : 1
}

const enDash = '\u2013'

function toHyphens(count: number): Piece[] {
  return Array.from({ length: count }, () => ({ char: '-', literal: false }))
}

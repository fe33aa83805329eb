/** One character of a text, and whether it stands for itself whatever a shell would make of it. */
export type Piece = { char: string; literal: boolean }

/**
 * Undoes what phones and chats do to typed text: curly quotes, Unicode's other spaces and line ends, invisible
 * characters. Dashes are left: only at the start of a word is it clear what they were.
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

const entities: readonly (readonly [string, string])[] = [
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
]

/**
 * A text's characters. With `escaped`, Slack's three entities are decoded and its `<…>` becomes what was typed; a link
 * stands for itself, since Slack has taken it for one word. Source: Slack, "Formatting text for app surfaces".
 */
export function toPieces(text: string, escaped: boolean): Piece[] {
  if (!escaped) return [...text].map((char) => ({ char, literal: false }))
  const pieces: Piece[] = []
  let rest = text
  while (rest !== '') {
    const entity = entities.find(([code]) => rest.startsWith(code))
    const link = /^<([^<>\s][^<>]*)>/.exec(rest)
    if (entity !== undefined) {
      pieces.push({ char: entity[1], literal: false })
      rest = rest.slice(entity[0].length)
    } else if (link !== null) {
      pieces.push(...[...decode(linkText(link[1] ?? ''))].map((char) => ({ char, literal: true })))
      rest = rest.slice(link[0].length)
    } else {
      const char = String.fromCodePoint(rest.codePointAt(0) ?? 0)
      pieces.push({ char, literal: false })
      rest = rest.slice(char.length)
    }
  }
  return pieces
}

function decode(text: string): string {
  return text.replaceAll(/&(amp|lt|gt);/g, (code) => entities.find(([each]) => each === code)?.[1] ?? code)
}

/** What was typed where Slack wrote `<link|label>`, `<@U1>`, `<#C1|name>` or `<!here>`. */
function linkText(link: string): string {
  const bar = link.indexOf('|')
  const [target, label] = bar === -1 ? [link, ''] : [link.slice(0, bar), link.slice(bar + 1)]
  const sign = target[0] ?? ''
  if ('@#!'.includes(sign)) return `${sign === '#' ? '#' : '@'}${(label || target.slice(1)).replace(/^[@#]/, '')}`
  if (label === '') return target.replace(/^(mailto|tel):/, '')
  // Slack adds the scheme to a bare name. Any other label hides where its link leads: the link is what counts then.
  const bare = target.replace(/^(https?:\/\/|mailto:|tel:)/, '')
  return sameLink(bare, label) || sameLink(target, label) ? label : target
}

function sameLink(one: string, other: string): boolean {
  const plain = (text: string) => text.replace(/\/$/, '').toLowerCase()
  return plain(one) === plain(other)
}

const hyphens = /[\u2010\u2011\u2212\ufe63\uff0d]/
const dashes = /[\u2013\u2014\u2015]/

/**
 * A word's characters with the dashes that were typed. Phones turn `--` into one dash; a dash before a single letter, or
 * an en dash before a bundle of them (`–nvL`), was one hyphen.
 */
export function undoDashes(word: readonly Piece[]): Piece[] {
  const plain = word.map((piece) => (!piece.literal && hyphens.test(piece.char) ? { ...piece, char: '-' } : piece))
  const isDash = (piece: Piece | undefined) => piece !== undefined && !piece.literal && dashes.test(piece.char)
  const [first, second] = plain
  if (!isDash(first))
    return plain.flatMap((piece) => (isDash(piece) ? hyphen(piece.char === '\u2013' ? 1 : 2) : [piece]))
  const rest = undoDashes(plain.slice(isDash(second) ? 2 : 1))
  const name = rest.map(({ char }) => char).join('')
  const long = /^([a-z][a-z0-9]{3,}|[a-z][a-z0-9]*-.*)(=|$)/.test(name)
  const single = /^[A-Za-z0-9](=|$)/.test(name)
  return [...hyphen(isDash(second) || name === '' || long || (!single && first?.char !== '\u2013') ? 2 : 1), ...rest]
}

function hyphen(count: number): Piece[] {
  return Array.from({ length: count }, () => ({ char: '-', literal: false }))
}

import { bitsOf } from './address-bits.ts'
import { decodePercent, toAsciiHosts } from './host-to-ascii.ts'
import type { Destination } from './match-destination.ts'
import { readNetwork } from './read-host.ts'

/**
 * Returns the hosts that occur anywhere in an argument which isn't one the tool connects to, such as a header or a file
 * name. Only what is plainly an address or a full name counts: a number may be a port or a count.
 */
export function findMentions(word: string): Destination[] {
  const pieces = piecesOf(word)
  const addresses = pieces.filter((piece) => /^(\w+\.){3}\w+$|^0x[0-9a-f]{7,}$|:.*:/.test(piece))
  const names = pieces.filter((piece) => /^([a-z0-9_-]+\.)+[a-z][a-z0-9-]+$/.test(piece))
  return [...new Set([...addresses, ...names])].flatMap((piece) => {
    const bits = bitsOf(piece)
    const isName = names.includes(piece) && bits.length === 0
    if (bits.length === 0 && !isName) return []
    return { word: piece, names: isName ? [piece] : [], addresses: bits, many: false, mentioned: true as const }
  })
}

/**
 * Returns the hosts that an argument of an unknown tool may name, in every form that programs accept. Prefers false
 * positives to omissions. Undefined for an argument that can't name a host.
 */
export function readAnyWord(word: string): Destination | undefined {
  const pieces = piecesOf(word)
  const whole = word.toLowerCase()
  const addresses = pieces.filter((piece) => piece === whole || !isSmallNumber(piece)).flatMap(bitsOf)
  const names = pieces.filter((piece) => /[a-z]/.test(piece) && hostName.test(piece) && bitsOf(piece).length === 0)
  const authority = /^(?:-\w|--[\w-]+=)?(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#\s]*)/.exec(whole)?.[1] ?? ''
  const many = hostLike.test(authority) && hasWildcards(authority)
  if (addresses.length === 0 && names.length === 0 && !many) return undefined
  return { word, names, addresses: [...new Set([...addresses, ...(readNetwork(whole) ?? [])])], many }
}

const hostName = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/
const hostLike = /^[\p{L}\p{N}._:@%[\]{},*-]+$/u

/** Splits an argument at everything that no host contains, in all readings of its escapes and letters. */
function piecesOf(word: string): string[] {
  const texts = [word, word.replaceAll(/\s/g, '')]
  const decoded = [...new Set(texts.flatMap((text) => [text, decodePercent(text), decodePercent(decodePercent(text))]))]
  const all = [...new Set(decoded.flatMap((text) => [text, text.normalize('NFKC')]))].flatMap((text) => [
    text,
    ...text.split(/[^\w.\u0080-\u{10ffff}-]+/u).flatMap(withoutOption),
    // An IPv6 address, and one that is followed by a port.
    ...text.split(/[^0-9a-f:.]+/i).flatMap((piece) => [piece, piece.replace(/:\d+$/, '')]),
  ])
  const hosts = [...new Set(all)].flatMap(toAsciiHosts).map((piece) => piece.replace(/\.$/, ''))
  return [...new Set(hosts)].filter((piece) => piece !== '')
}

/** Returns a piece as it stands, without dashes in front, and without a glued option such as `-x`. */
function withoutOption(piece: string): string[] {
  return piece.startsWith('-') ? [piece, piece.replace(/^-+/, ''), piece.replace(/^-+\w/, '')] : [piece]
}

/** Returns true for URL globs of curl and octet ranges of nmap, but not for curl's `%{http_code}`. */
function hasWildcards(authority: string): boolean {
  const host = authority.replaceAll(/\[[0-9a-f:.%]+\]/g, '').replace(/:\d+$/, '')
  if (/%(?![0-9a-f]{2})/.test(host)) return false
  return /[{}*[\]]/.test(host) || (/^[\d,-]+(\.[\d,-]+){3}$/.test(host) && !/^[\d.]+$/.test(host))
}

/** Returns true for a number such as a port, a count or seconds: as an address it would be in 0.0.0.0/8. */
function isSmallNumber(piece: string): boolean {
  return /^\d+$/.test(piece) && Number(piece) < 2 ** 24
}

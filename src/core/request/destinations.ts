import ipaddr from 'ipaddr.js'
import type { Destination, DestinationRule } from './destination.ts'

/** Names that are looked up for one command, at the most. */
const maxNames = 32

/** The bits of an address as `Destination` has them; several where one address leads to another, as 0.0.0.0 to the host itself. */
export function bitsOf(text: string): string[] {
  if (!ipaddr.isValid(text)) return []
  const address = ipaddr.parse(text.replace(/%.*$/, ''))
  const bytes = address.toByteArray()
  const bits = (family: string, part: readonly number[]) =>
    `${family}:${part.map((byte) => byte.toString(2).padStart(8, '0')).join('')}`
  if (address.kind() === 'ipv4') {
    const own = bits('4', bytes)
    return bytes.every((byte) => byte === 0) ? [own, bits('4', [127, 0, 0, 1])] : [own]
  }
  const own = bits('6', bytes)
  if (bytes.every((byte) => byte === 0)) return [own, bits('4', [127, 0, 0, 1]), bits('6', [...bytes.slice(1), 1])]
  // Mapped (::ffff:0:0/96), translated (64:ff9b::/96) and the old compatible form (::/96).
  const embedsIpv4 = /^(0{80}1{16}|00000000011001001111111110011011(0{64})|0{96})/.test(own.slice(2))
  return embedsIpv4 && !/^0{127}1$/.test(own.slice(2)) ? [own, bits('4', bytes.slice(12))] : [own]
}

/** A word of the owner's `deny` list; undefined where it is neither an address, a network, nor a name (with `*`). */
export function toDestinationRule(text: string): DestinationRule | undefined {
  const [address = '', length] = text.split('/')
  if (ipaddr.isValid(address)) {
    const parsed = ipaddr.process(address)
    const maxBits = parsed.kind() === 'ipv4' ? 32 : 128
    const bits = length === undefined ? maxBits : Number(length)
    if (!/^\d+$/.test(length ?? '0') || bits > maxBits) return undefined
    return { text, bits: (bitsOf(parsed.toString())[0] ?? '').slice(0, 2 + bits) }
  }
  const name = text.toLowerCase()
  return /^[a-z0-9*_]([a-z0-9.*_-]*[a-z0-9*_])?$/.test(name) && /[a-z*]/.test(name) ? { text, name } : undefined
}

const hostLike = /^[\p{L}\p{N}._:@%[\]{},*-]+$/u
const hostName = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/

/**
 * The hosts that a word may name, in all the ways in which programs read them: an address in any of its notations, in a URL,
 * with a port, in brackets, behind an option. Rather one too many than one too few. Undefined for a word that can't name one.
 */
export function toDestination(word: string): Destination | undefined {
  const text = decodePercent(word)
    .normalize('NFKC')
    .replaceAll(/[。．｡]/g, '.')
    .toLowerCase()
  const authority = /^(?:-\w|--[\w-]+=)?(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#\s]*)/.exec(text)?.[1] ?? ''
  const many = hostLike.test(authority) && hasWildcards(authority)
  const pieces = new Set([
    ...text.split(/[^a-z0-9._-]+/).map((piece) => piece.replace(/^-+(?=[\w.])/, '')),
    ...text.split(/[^a-z0-9._-]+/).map((piece) => piece.replace(/^-[a-z]/, '')),
    ...(text.match(/[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.%]*/g) ?? []),
    text,
    authority,
    // `host:port` of IPv6 without brackets can't be told from an address: both are tried.
    ...(text.match(/[0-9a-f:.]+(?=:\d+$)/g) ?? []),
  ])
  const plain = [...pieces].map((piece) => piece.replace(/\.$/, '')).filter((piece) => piece !== '')
  const whole = [text, authority]
  const addresses = plain.filter((piece) => whole.includes(piece) || !isSmallNumber(piece)).flatMap(bitsOf)
  const names = plain.filter((piece) => /[a-z]/.test(piece) && hostName.test(piece) && !ipaddr.isValid(piece))
  if (addresses.length === 0 && names.length === 0 && !many) return undefined
  return { word, names, addresses: [...addresses, ...parseNetwork(text)], many }
}

/** Globs of curl, octets of nmap; not curl's `%{http_code}`. */
function hasWildcards(authority: string): boolean {
  const host = authority.replaceAll(/\[[0-9a-f:.%]+\]/g, '').replace(/:\d+$/, '')
  if (/%(?![0-9a-f]{2})/.test(host)) return false
  return /[{}*[\]]/.test(host) || (/^[\d,-]+(\.[\d,-]+){3}$/.test(host) && !/^[\d.]+$/.test(host))
}

/** A port, a count or a number of seconds: as an address, one of 0.0.0.0/8. */
function isSmallNumber(piece: string): boolean {
  return /^\d+$/.test(piece) && Number(piece) < 2 ** 24
}

function parseNetwork(text: string): string[] {
  const [, address = '', length = ''] = /^([0-9a-f:.]+)\/(\d{1,3})$/.exec(text) ?? []
  return bitsOf(address).map((bits) => bits.slice(0, 2 + Number(length)))
}

function decodePercent(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}

export type AddressesOf = (name: string) => Promise<readonly string[]>

/** Destinations with the addresses that their names lead to now. A name that leads nowhere stands for itself only. */
export async function resolveDestinations(
  destinations: readonly Destination[],
  addressesOf: AddressesOf,
): Promise<readonly Destination[]> {
  const names = [...new Set(destinations.flatMap((each) => each.names))].slice(0, maxNames)
  const addressesByName = new Map(
    await Promise.all(names.map(async (name) => [name, await addressesOf(name).catch(() => [])] as const)),
  )
  return destinations.map((each) => {
    const resolved = each.names.flatMap((name) => addressesByName.get(name) ?? []).flatMap(bitsOf)
    return { ...each, addresses: [...new Set([...each.addresses, ...resolved])] }
  })
}

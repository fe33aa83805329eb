import ipaddr from 'ipaddr.js'
import type { Destination, DestinationRule } from './match-destination.ts'

/** Maximum number of names that are resolved for one command. */
const maxNames = 32

/**
 * Returns an address as bits in the format of `Destination`; several where it also reaches another address, such as
 * 0.0.0.0, which reaches the host itself. Empty for a text that isn't an address.
 */
export function bitsOf(text: string): string[] {
  if (!ipaddr.isValid(text)) return []
  const address = ipaddr.parse(text.split('%')[0] ?? '')
  const bytes = address.toByteArray()
  const bits = (family: string, part: readonly number[]) =>
    `${family}:${part.map((byte) => byte.toString(2).padStart(8, '0')).join('')}`
  if (address.kind() === 'ipv4') {
    const own = bits('4', bytes)
    return bytes.every((byte) => byte === 0) ? [own, bits('4', [127, 0, 0, 1])] : [own]
  }
  const own = bits('6', bytes)
  if (bytes.every((byte) => byte === 0)) return [own, bits('4', [127, 0, 0, 1]), bits('6', [...bytes.slice(1), 1])]
  // IPv4-mapped (::ffff:0:0/96), IPv4-translated (64:ff9b::/96) and the deprecated IPv4-compatible form (::/96).
  const embedsIpv4 = /^(0{80}1{16}|00000000011001001111111110011011(0{64})|0{96})/.test(own.slice(2))
  return embedsIpv4 && !/^0{127}1$/.test(own.slice(2)) ? [own, bits('4', bytes.slice(12))] : [own]
}

/** Parses an item of the owner's `deny` list; undefined if it is no address, network or name (with `*` as wildcard). */
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
 * Returns the hosts that an argument may name, in all forms that programs accept: an address in any notation, in a URL,
 * with a port, in brackets, after an option. Prefers false positives to omissions. Undefined for an argument that can't
 * name a host.
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
    ...findIpv6Forms(text),
    text,
    authority,
    // An IPv6 `host:port` without brackets looks like an address: both readings are used.
    ...findHostBeforePort(text),
  ])
  const plain = [...pieces].map((piece) => piece.replace(/\.$/, '')).filter((piece) => piece !== '')
  const whole = [text, authority]
  const addresses = plain.filter((piece) => whole.includes(piece) || !isSmallNumber(piece)).flatMap(bitsOf)
  const names = plain.filter((piece) => /[a-z]/.test(piece) && hostName.test(piece) && !ipaddr.isValid(piece))
  if (addresses.length === 0 && names.length === 0 && !many) return undefined
  return { word, names, addresses: [...addresses, ...parseNetwork(text)], many }
}

/** Returns the parts of a text that may be IPv6 addresses, with their zone: letters of addresses with two colons or more. */
function findIpv6Forms(text: string): string[] {
  const forms: string[] = []
  const run = /[0-9a-f:.]+/g
  const tail = /[0-9a-f:.%]*/y
  for (let found = run.exec(text); found !== null; found = run.exec(text)) {
    if (found[0].split(':', 3).length < 3) continue
    tail.lastIndex = run.lastIndex
    const end = tail.exec(text)?.[0] ?? ''
    forms.push(found[0] + end)
    run.lastIndex += end.length
  }
  return forms
}

/** Returns what stands before the port at the end of a text, as far as it may be an address. */
function findHostBeforePort(text: string): string[] {
  const colon = text.lastIndexOf(':')
  if (colon === -1 || !/^\d+$/.test(text.slice(colon + 1))) return []
  let start = colon
  while (start > 0 && /[0-9a-f:.]/.test(text[start - 1] ?? '')) start -= 1
  return start === colon ? [] : [text.slice(start, colon)]
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

/** Resolves a host name to its addresses. */
export type AddressesOf = (name: string) => Promise<readonly string[]>

/** Returns the destinations with the addresses that their names currently resolve to; none for an unresolvable name. */
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

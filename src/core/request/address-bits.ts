import ipaddr from 'ipaddr.js'

/**
 * Returns every address that a text means in some program's notation, as bits in the format of `Destination`: first the
 * address itself, then those that it reaches as well, such as an IPv4 address that an IPv6 form embeds, or the host
 * itself for 0.0.0.0. Empty for a text that isn't an address.
 */
export function bitsOf(text: string): string[] {
  const all = text.includes(':') ? readIpv6(text).flatMap(withEmbedded) : readIpv4(text)
  return [...new Set(all.flatMap(withLoopback).map(toBits))]
}

const ipv4Part = /^(0x[0-9a-f]*|\d+)$/i

/**
 * Reads the notations of inet_aton(3): one to four parts, decimal, octal (0…) or hexadecimal (0x…), of which the last one
 * fills the remaining bytes. Programs differ in parts that begin with 0 (nmap reads decimal digits), and in numbers that
 * are too large: each reading counts.
 */
function readIpv4(text: string): number[][] {
  const parts = text.split('.')
  if (parts.length > 4 || !parts.every((part) => ipv4Part.test(part))) return []
  const octal = parts.map((part) => (/^0[0-7]+$/.test(part) ? BigInt(`0o${part}`) : toNumber(part)))
  return [octal, parts.map(toNumber)].map((values) => {
    const last = values.at(-1) ?? 0n
    const filled = Array.from(
      { length: 5 - values.length },
      (_each, at) => last >> BigInt(8 * (4 - values.length - at)),
    )
    return [...values.slice(0, -1), ...filled].map((value) => Number(value & 255n))
  })
}

function toNumber(part: string): bigint {
  return BigInt(/^0x$/i.test(part) ? 0 : part)
}

function readIpv6(text: string): number[][] {
  const address = text.replace(/%.*$/s, '')
  return ipaddr.IPv6.isValid(address) ? [ipaddr.IPv6.parse(address).toByteArray()] : []
}

/** Positions of an embedded IPv4 address by the form of the IPv6 address, as the indexes of its four bytes. */
const embeddings: readonly (readonly [RegExp, readonly (readonly number[])[]])[] = [
  // IPv4-mapped and IPv4-compatible (RFC 4291), IPv4-translated (RFC 2765), and NAT64 (RFC 6052).
  [/^(0{20}ffff|0{24}|0{16}ffff0{4}|0064ff9b0{16})/, [[12, 13, 14, 15]]],
  // Local NAT64 (RFC 8215), whose prefix may have any length of RFC 6052, 2.2.
  [
    /^0064ff9b0001/,
    [
      [6, 7, 9, 10],
      [7, 9, 10, 11],
      [9, 10, 11, 12],
      [12, 13, 14, 15],
    ],
  ],
  // 6to4 (RFC 3056).
  [/^2002/, [[2, 3, 4, 5]]],
  // Teredo's server (RFC 4380).
  [/^20010{4}/, [[4, 5, 6, 7]]],
  // ISATAP (RFC 5214).
  [/^.{16}0[02]005efe/, [[12, 13, 14, 15]]],
]

function withEmbedded(bytes: number[]): number[][] {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  // The unspecified address and the loopback address aren't IPv4-compatible ones.
  if (/^0{31}[01]$/.test(hex)) return [bytes]
  const embedded = embeddings
    .filter(([form]) => form.test(hex))
    .flatMap(([, positions]) => positions.map((indexes) => indexes.map((index) => bytes[index] ?? 0)))
  // Teredo's client: its bits are inverted.
  const client = /^20010{4}/.test(hex) ? [bytes.slice(12).map((byte) => byte ^ 255)] : []
  return [bytes, ...embedded, ...client]
}

const loopbackIpv4 = [127, 0, 0, 1]
const loopbackIpv6 = [...Array<number>(15).fill(0), 1]

/** Adds the addresses by which the same host is reached: the unspecified address and both loopback addresses are one. */
function withLoopback(bytes: number[]): number[][] {
  const unspecified = bytes.every((byte) => byte === 0)
  const loopback = bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, at) => byte === loopbackIpv6[at])
  return unspecified || loopback ? [bytes, loopbackIpv4, loopbackIpv6] : [bytes]
}

function toBits(bytes: readonly number[]): string {
  const family = bytes.length === 4 ? '4' : '6'
  return `${family}:${bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('')}`
}

import { bitsOf } from './address-bits.ts'
import { decodePercent, type HostNotation, toAsciiHosts } from './host-to-ascii.ts'
import type { Destination } from './match-destination.ts'

const several = 'it stands for several hosts'
const unclear = 'programs read it in different ways'

/**
 * Reads an argument that names the host a tool connects to. Only the plain forms are understood, those that every program
 * reads the same way; for any other form the hosts can't be determined.
 */
export function readHost(word: string, notation: HostNotation): Destination {
  const network = notation === 'network' ? readNetwork(word) : undefined
  if (network !== undefined) return { word, names: [], addresses: network, many: false }
  const found = notation === 'url' ? findInUrl(word) : findWithPort(word)
  const hosts = found?.hosts.map((host) => toHost(host, notation))
  if (found === undefined || hosts === undefined || hosts.some((host) => host === undefined)) {
    return { word, names: [], addresses: [], many: true, why: /[*{[,]|\d-/.test(word) ? several : unclear }
  }
  const known = hosts.filter((host) => host !== undefined)
  return {
    word: found.shown,
    names: [...new Set(known.flatMap(({ names }) => names))],
    addresses: [...new Set(known.flatMap(({ addresses }) => addresses))],
    many: false,
  }
}

/** Hosts of an argument, several where it can be split in several ways, and the argument without its password. */
type Found = { hosts: readonly string[]; shown: string }

const hostAndPort = /^(\[[^\]]*\]|[^:#]*)([:#]\d*)?$/

function findInUrl(word: string): Found | undefined {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/(?![/\\])/i.exec(word)?.[0] ?? ''
  const rest = word.slice(scheme.length)
  const length = rest.search(/[/?#]/)
  const [authority, path] = length === -1 ? [rest, ''] : [rest.slice(0, length), rest.slice(length)]
  const [first = '', second, other] = authority.split('@')
  const [user, host] = second === undefined ? ['', first] : [first, second]
  const [, name = '', port] = hostAndPort.exec(host) ?? []
  const clear =
    other === undefined &&
    name !== '' &&
    /^[\w.~!$&'()*+,=:%-]*$/.test(user) &&
    // Is the first part a scheme or a host? wget and curl differ.
    (scheme !== '' || port !== ':' || !path.startsWith('/')) &&
    // Programs that look for the host's end or for "@" first read `host?@other` differently.
    (path === '' || path.startsWith('/') || !/[@\\]/.test(path))
  return clear ? { hosts: [name], shown: `${scheme}${host}${path}` } : undefined
}

function findWithPort(word: string): Found | undefined {
  // No host at all, as in `:443`: the tool connects to its own host.
  if (/^(:\d*)?$/.test(word)) return { hosts: ['localhost'], shown: word }
  const [, name] = hostAndPort.exec(word) ?? []
  if (name !== undefined) return { hosts: [name], shown: word }
  // An IPv6 address without brackets and a port look alike: both readings are used.
  const both = [word, word.replace(/:\d+$/, '')].filter((each) => bitsOf(each).length > 0)
  return both.length === 0 ? undefined : { hosts: both, shown: word }
}

type Host = Pick<Destination, 'names' | 'addresses'>

function toHost(text: string, notation: HostNotation): Host | undefined {
  const bracketed = /^\[([0-9a-f:.]+(?:%[\w.%-]*)?)\]$/i.exec(text)?.[1]
  const addresses = bitsOf(bracketed ?? text)
  if (bracketed !== undefined || text.includes(':'))
    return addresses.length === 0 ? undefined : { names: [], addresses }
  const decoded = notation === 'url' ? decodePercent(text) : text
  const forms = toAsciiHosts(decoded)
  // Programs without IDNA look the bytes themselves up, which can't be done from here.
  const readable = forms[0] === decoded.toLowerCase() || notation === 'url' || notation === 'international'
  const isRange = notation === 'network' && text.includes('-') && /^[\d.-]+$/.test(text)
  if (forms.length === 0 || !readable || isRange || !forms.every(isName)) return undefined
  const names = forms.map((form) => form.replace(/\.$/, '')).filter((form) => bitsOf(form).length === 0)
  return {
    names,
    addresses: forms.flatMap((form) => [...bitsOf(form.replace(/\.$/, '')), ...addressesInName(form)]),
  }
}

function isName(text: string): boolean {
  return text.length <= 254 && /^([a-z0-9_-]+\.)*[a-z0-9_-]+\.?$/.test(text)
}

/** Returns the address that stands in a name, as in `10-0-0-1.nip.io`: name servers exist that answer with it. */
function addressesInName(name: string): string[] {
  const [, ...parts] = /(?:^|[.-])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-]/.exec(name) ?? []
  return bitsOf(parts.map(Number).join('.'))
}

/** Returns the prefixes of a network such as `10.0.0.0/8`; undefined for a text that is none. */
export function readNetwork(text: string): string[] | undefined {
  const [, address = '', digits] = /^([0-9a-f:.]+)\/(\d{1,3})$/i.exec(text) ?? []
  const [own, ...others] = bitsOf(address)
  if (own === undefined || digits === undefined) return undefined
  const length = Number(digits)
  // Of an IPv6 network, also the IPv4 network that it embeds.
  const embedded = own.startsWith('6') && length >= 96 ? others.map((bits) => bits.slice(0, 2 + length - 96)) : others
  return [own.slice(0, 2 + length), ...embedded]
}

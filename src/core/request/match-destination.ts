import { matchesName } from './selector.ts'

/**
 * Host that an argument of a command (`word`) names, or may name: its names, and the addresses that it contains or
 * resolved to. An address is text of its family and its bits: `4:` and 32 binary digits (fewer for a network), `6:` and
 * 128. An IPv6 form that embeds an IPv4 address also has that address.
 */
export type Destination = {
  word: string
  names: readonly string[]
  addresses: readonly string[]
  /** True where the hosts can't be determined: a pattern (`10.0.0.[1-9]`), or a form that programs read differently. */
  many: boolean
  /** Why they can't; completes "it can't be told where WORD leads: …". */
  why?: string
  /** Why the names' current addresses can't be determined; present after a look-up that failed. */
  unresolved?: string
  /** True for a host in an argument that isn't one the tool connects to. Its name is not looked up. */
  mentioned?: true
}

/**
 * Destination that the owner denies: a name with `*` as wildcard, or a network as family and address prefix in bits.
 */
export type DestinationRule = { text: string } & ({ name: string } | { bits: string })

/** Returns true when a destination is denied, or may be. */
export function matchesDestination(destination: Destination, denied: DestinationRule): boolean {
  if (destination.many || destination.unresolved !== undefined) return true
  return isHost(destination, denied)
}

/** Returns true when a destination is known to be the denied one. */
export function isHost({ names, addresses, mentioned }: Destination, denied: DestinationRule): boolean {
  if ('bits' in denied)
    return addresses.some((address) => address.startsWith(denied.bits) || denied.bits.startsWith(address))
  return names.some((name) => matchesName(denied.name, name) || (!mentioned && isRelative(denied.name, name)))
}

/**
 * Returns true when a name becomes a denied one with a search domain behind it: `metadata` becomes
 * `metadata.google.internal` on a machine that has `search google.internal`. Source: resolv.conf(5).
 */
function isRelative(denied: string, name: string): boolean {
  const labels = denied.split('.')
  const beginnings = labels.slice(1).map((_label, at) => labels.slice(0, at + 1).join('.'))
  return beginnings.some((each) => /[^*.]/.test(each) && matchesName(each, name))
}

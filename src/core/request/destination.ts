import { matchesName } from './selector.ts'

/**
 * A word of a command that names a host: the names in it, and the addresses that it is or was resolved to.
 * An address is its family and its bits as text: `4:` and 32 digits (fewer for a network), `6:` and 128; a form of IPv6 that
 * holds an IPv4 address is that address. `many` where the word stands for hosts that can't be told from it (`10.0.0.[1-9]`).
 */
export type Destination = { word: string; names: readonly string[]; addresses: readonly string[]; many: boolean }

/** What the owner denies: a name with `*`, or a network as its family and the first bits of its addresses. */
export type DestinationRule = { text: string } & ({ name: string } | { bits: string })

/** True when a destination is one that is denied, or may be. */
export function matchesDestination(destination: Destination, denied: DestinationRule): boolean {
  if (destination.many) return true
  if ('name' in denied) return destination.names.some((name) => matchesName(denied.name, name))
  return destination.addresses.some((address) => address.startsWith(denied.bits) || denied.bits.startsWith(address))
}

import { matchesName } from './selector.ts'

/**
 * Argument (`word`) of a command that names a host: the names in it, and the addresses that it contains or resolved to.
 * An address is text of its family and its bits: `4:` and 32 binary digits (fewer for a network), `6:` and 128. An IPv6
 * form that embeds an IPv4 address also has that address. `many`: the argument is a pattern for several hosts
 * (`10.0.0.[1-9]`), which can't be determined from it.
 */
export type Destination = { word: string; names: readonly string[]; addresses: readonly string[]; many: boolean }

/**
 * Destination that the owner denies: a name with `*` as wildcard, or a network as family and address prefix in bits.
 */
export type DestinationRule = { text: string } & ({ name: string } | { bits: string })

/** Returns true when a destination is denied, or may be. */
export function matchesDestination(destination: Destination, denied: DestinationRule): boolean {
  if (destination.many) return true
  if ('name' in denied) return destination.names.some((name) => matchesName(denied.name, name))
  return destination.addresses.some((address) => address.startsWith(denied.bits) || denied.bits.startsWith(address))
}

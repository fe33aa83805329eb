import ipaddr from 'ipaddr.js'
import { bitsOf } from './address-bits.ts'
import type { Destination, DestinationRule } from './match-destination.ts'

/** Maximum number of names that are resolved for one command. */
const maxNames = 32

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

/** Resolves a host name to its addresses; none for a name that doesn't exist. Throws where that can't be found out. */
export type AddressesOf = (name: string) => Promise<readonly string[]>

/**
 * Returns the destinations with the addresses that their names currently resolve to. Where a name can't be looked up, or
 * there are too many, the hosts can't be determined.
 */
export async function resolveDestinations(
  destinations: readonly Destination[],
  toAddresses: AddressesOf,
): Promise<readonly Destination[]> {
  const names = [...new Set(destinations.flatMap((each) => (each.mentioned ? [] : each.names)))]
  const checked = names.slice(0, maxNames)
  const found = await Promise.all(checked.map(async (name) => [name, await lookUp(name, toAddresses)] as const))
  const addressesByName = new Map(found)
  return destinations.map(({ unresolved: _earlier, ...each }) => {
    if (each.mentioned || each.names.length === 0) return each
    const failed = each.names.find((name) => addressesByName.get(name) === undefined)
    if (failed !== undefined) {
      const tooMany = `the command names more than ${maxNames} hosts`
      return { ...each, unresolved: names.length > maxNames ? tooMany : `${failed} could not be looked up` }
    }
    const resolved = each.names.flatMap((name) => addressesByName.get(name) ?? []).flatMap(bitsOf)
    return { ...each, addresses: [...new Set([...each.addresses, ...resolved])] }
  })
}

const ownHost = /^(.*\.)?localhost$|^localhost\d?(\.localdomain\d?)?$|^ip6-(localhost|loopback)$/

/** Names of the clouds' metadata services, which nodes also have in their hosts files and search domains. */
const metadataHost = /^metadata(\.google(\.internal)?|\.goog)?$|^instance-data(\.ec2(\.internal)?)?$/

/** Returns the addresses of a name; undefined where they can't be found out. */
async function lookUp(name: string, toAddresses: AddressesOf): Promise<readonly string[] | undefined> {
  if (ownHost.test(name)) return ['127.0.0.1', '::1']
  const known = metadataHost.test(name) ? ['169.254.169.254'] : []
  try {
    return [...known, ...(await toAddresses(name))]
  } catch {
    return undefined
  }
}

import type { Insight } from '#core/request/insight'
import { parseJson, toList } from '#core/util/json'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, listed, matching } from './insight-helpers.ts'
import type { AskedOfIp } from './ip-arguments.ts'

/** One link. `carrier`: false where it is up but nothing is connected. `unused`: a device that the kernel makes for itself. */
export type Link = { name: string; up: boolean; carrier: boolean; mtu: number | undefined; unused: boolean }

/** Links of `ip link` and `ip address`. */
export type LinksData =
  | {
      kind: 'links'
      links: readonly Link[]
      /** `all`: every link is shown; `one`: the one that was named; `some`: a filter hides others. */
      shown: 'all' | 'one' | 'some'
      /** Links with errors or drops since their start. */
      losses: readonly { link: string; direction: string; errors: number; dropped: number }[]
    }
  | { kind: 'no-link'; name: string }

/** Maximum number of MTUs that are named. */
const maxMtus = 8
/** Devices that tunnels make when their modules are loaded; they are unused while they are down. */
const fallbackDevice = /^(?:tunl0|gre0|gretap0|erspan0|sit0|ip6tnl0|ip6gre0|ip_vti0|ip6_vti0)$/

/** Reads the links of an output of `ip`, in any of its forms. */
export function readLinks(text: string, asked: AskedOfIp): LinksData | undefined {
  const [missing] = firstMatch(text, /^Device "(\S+)" does not exist\.$/) ?? []
  if (missing !== undefined) return { kind: 'no-link', name: missing }
  const links = asked.isJson ? parseJsonLinks(text) : parseLinks(text)
  if (links.length === 0) return undefined
  const [first, ...more] = asked.selectors.filter((word) => word !== 'dev')
  // An address family leaves out links without such addresses.
  const isFamily = asked.object === 'address' && asked.family !== undefined
  const shown =
    first === undefined
      ? isFamily
        ? 'some'
        : 'all'
      : more.length === 0 && links.length === 1 && first === links[0]?.name
        ? 'one'
        : 'some'
  return { kind: 'links', links, shown, losses: findLosses(text) }
}

function toLink(name: string, flags: readonly string[], state: string, mtu: number | undefined): Link {
  const up = flags.includes('UP')
  return {
    name,
    up,
    carrier: !flags.includes('NO-CARRIER') && state !== 'DOWN' && state !== 'LOWERLAYERDOWN',
    mtu,
    unused: !up && fallbackDevice.test(name),
  }
}

function parseLinks(text: string): Link[] {
  const full = matching(text, /^\d+: ([^:]+): <([^>]*)> mtu (\d+) .*state (\w+)/).map(
    ([name = '', flags = '', mtu, state = '']) => toLink(withoutParent(name), flags.split(','), state, Number(mtu)),
  )
  if (full.length > 0) return full
  return matching(text, /^(\S+)\s+(UP|DOWN|UNKNOWN|LOWERLAYERDOWN|DORMANT)(?:\s|$)/).map(([name = '', state = '']) =>
    toLink(withoutParent(name), state === 'DOWN' ? [] : ['UP'], state, undefined),
  )
}

function parseJsonLinks(text: string): Link[] {
  return toList(parseJson(text)).flatMap((link) => {
    const [name, flags, state, mtu] = [link['ifname'], link['flags'], link['operstate'], link['mtu']]
    return typeof name === 'string' && Array.isArray(flags)
      ? [toLink(name, flags.map(String), String(state), typeof mtu === 'number' ? mtu : undefined)]
      : []
  })
}

/** Returns the name of a link without that of the link which it belongs to: `eth0` for `eth0@if3`. */
function withoutParent(name: string): string {
  return name.split('@')[0] ?? ''
}

/** Returns the errors and drops in the `RX:` and `TX:` counters of each link in `ip -s link`. */
function findLosses(text: string): { link: string; direction: string; errors: number; dropped: number }[] {
  const lines = linesOf(text)
  let link = ''
  return lines.flatMap((line, index) => {
    link = /^\d+: ([^:@]+)/.exec(line)?.[1] ?? link
    const [, direction] = /^\s+(RX|TX):\s+bytes\s+packets\s+errors\s+dropped/.exec(line) ?? []
    const [, , errors = '0', dropped = '0'] = (lines[index + 1] ?? '').trim().split(/\s+/)
    return direction === undefined || !(Number(errors) + Number(dropped) > 0)
      ? []
      : [{ link, direction, errors: Number(errors), dropped: Number(dropped) }]
  })
}

/** Says which links are down, how their MTUs differ, and what they lost. */
export function sayLinks(data: LinksData): Insight {
  if (data.kind === 'no-link') return { severity: 'bad', headline: `There is no link ${data.name} here`, facts: [] }
  const { losses, shown } = data
  const links = data.links.filter(({ unused }) => !unused)
  const unused = data.links.filter((link) => link.unused).map(({ name }) => name)
  const down = links.filter(({ up, carrier }) => !up || !carrier).map(({ name }) => name)
  const working = links.filter(({ name, up, mtu }) => up && name !== 'lo' && mtu !== undefined)
  const byMtu = Map.groupBy(working, ({ mtu }) => Number(mtu))
  const mtus = [...byMtu.keys()].sort((a, b) => b - a)
  const facts = factsOf({
    links: String(data.links.length),
    down: listed(down, 6),
    MTU: mtus
      .slice(0, maxMtus)
      .map((mtu) => `${mtu}: ${listed((byMtu.get(mtu) ?? []).map(({ name }) => name))}`)
      .join('; '),
    'errors and drops': listed(
      losses.map(({ link, direction, errors, dropped }) => `${link} ${direction} ${errors} errors, ${dropped} dropped`),
    ),
    unused: listed(unused),
  })
  if (down.length > 0)
    return { severity: 'warn', headline: `${count(down.length, 'link')} down: ${listed(down)}`, facts }
  return { severity: 'ok', headline: sayUp(links, shown, mtus), facts }
}

function sayUp(links: readonly Link[], shown: 'all' | 'one' | 'some', mtus: readonly number[]): string {
  if (links.length === 0) return 'No link in use'
  if (links.length === 1) return `${links[0]?.name} is up`
  const which = shown === 'all' ? `All ${links.length} links are up` : `The ${links.length} links shown are up`
  // An overlay network's MTU is smaller than the node's by design, so this is mentioned, but is no warning.
  return mtus.length > 1 ? `${which}; their MTUs differ: ${listed(mtus.map(String), maxMtus)}` : which
}

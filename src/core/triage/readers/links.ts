import type { NamedReader } from './generic.ts'
import { type JsonObject, listOf, numberOf, parseList, textOf, toObject } from './json.ts'

/** Bytes that VXLAN adds to a packet over IPv4. */
const vxlanBytes = 50
/** Kinds of links through which pods and tunnels send, whose packets have to fit into the node's own link. */
const carried = new Set(['veth', 'bridge', 'vxlan', 'geneve', 'ipip', 'wireguard'])
/** Queueing disciplines that limit the rate, or lose and delay packets. */
const shaping = new Set(['tbf', 'htb', 'netem', 'hfsc', 'cbq'])

const kindOf = (link: JsonObject) => textOf(toObject(link['linkinfo'])['info_kind'])
const nameOf = (link: JsonObject) => textOf(link['ifname'])
const isUp = (link: JsonObject) => listOf(link['flags']).includes('UP')
const hasCarrier = (link: JsonObject) => !listOf(link['flags']).includes('NO-CARRIER') && link['operstate'] !== 'DOWN'
const mtuOf = (link: JsonObject) => numberOf(link['mtu'])

/**
 * Reads `ip -d -j link` and `ip -j route show default`. `down`: links of the node itself that are down or have no carrier: that
 * of the default route, and network cards. `bigger`: links of pods and tunnels whose packets don't fit into the node's link.
 */
export const readLinks: NamedReader = ([linkOutput, routeOutput]) => {
  const links = parseList(linkOutput?.text ?? '')
  const routes = parseList(routeOutput?.text ?? '')
  if (links === undefined || routes === undefined || links.length === 0) return undefined
  const defaults = new Set(routes.map((route) => textOf(route['dev'])).filter((name) => name !== ''))
  const isCard = (link: JsonObject) => link['link_type'] === 'ether' && kindOf(link) === '' && isUp(link)
  const own = links.filter((link) => defaults.has(nameOf(link)) || isCard(link))
  const main = links.filter((link) => defaults.has(nameOf(link)))
  const mtu = Math.min(...main.map(mtuOf))
  const bigger = links.filter((link) => {
    const room = kindOf(link) === 'vxlan' || kindOf(link) === 'geneve' ? mtu - vxlanBytes : mtu
    return (
      carried.has(kindOf(link)) && !defaults.has(nameOf(link)) && isUp(link) && hasCarrier(link) && mtuOf(link) > room
    )
  })
  return {
    links: links.length,
    down: own.filter((link) => !isUp(link) || !hasCarrier(link)).map(nameOf),
    device: main.map(nameOf),
    shaped: main.filter((link) => shaping.has(textOf(link['qdisc']))).map(nameOf),
    qdisc: [...new Set(main.map((link) => textOf(link['qdisc'])))],
    bigger: main.length === 0 ? [] : bigger.map(nameOf),
    biggest: bigger.length === 0 ? 0 : Math.max(...bigger.map(mtuOf)),
    ...(main.length === 0 ? {} : { mtu }),
  }
}

/** Reads the counters of `ip -s -j link`, summed over all links but the loopback. */
export const readLinkCounters: NamedReader = ([output]) => {
  const links = parseList(output?.text ?? '')?.filter((link) => nameOf(link) !== 'lo' && link['stats64'] !== undefined)
  if (links === undefined || links.length === 0) return undefined
  const sum = (direction: 'rx' | 'tx', ...names: string[]) =>
    links.reduce((total, link) => {
      const counters = toObject(toObject(link['stats64'])[direction])
      return total + names.reduce((own, name) => own + numberOf(counters[name]), 0)
    }, 0)
  return {
    errors: sum('rx', 'errors', 'over_errors') + sum('tx', 'errors', 'carrier_errors'),
    dropped: sum('rx', 'dropped') + sum('tx', 'dropped'),
    packets: sum('rx', 'packets') + sum('tx', 'packets'),
  }
}

const unreachable = new Set(['FAILED', 'INCOMPLETE'])

/**
 * Reads `ip -j neigh` and `ip -j route show default`. `gateways`: gateways that don't answer; `peers`: nodes that don't. Other
 * addresses, such as those of pods that are gone, are nothing to find.
 */
export const readNeighbours: NamedReader = ([neighbourOutput, routeOutput], facts) => {
  const neighbours = parseList(neighbourOutput?.text ?? '')
  const routes = parseList(routeOutput?.text ?? '')
  if (neighbours === undefined || routes === undefined) return undefined
  const gateways = routes.map((route) => textOf(route['gateway']))
  const failed = neighbours
    .filter(({ state }) => listOf(state).some((each) => unreachable.has(textOf(each))))
    .map(({ dst }) => textOf(dst))
  return {
    neighbours: neighbours.length,
    gateways: failed.filter((address) => gateways.includes(address)),
    peers: failed.filter((address) => facts.peers?.includes(address) === true && !gateways.includes(address)),
  }
}

/** Reads `ip -4 -j neigh` and the limit of the table. */
export const readNeighbourTable: NamedReader = ([neighbourOutput, limitOutput]) => {
  const entries = parseList(neighbourOutput?.text ?? '')
  const [, limit] = /^net\.ipv4\.neigh\.default\.gc_thresh3 = (\d+)$/m.exec(limitOutput?.text ?? '') ?? []
  return entries === undefined || limit === undefined ? undefined : { entries: entries.length, limit: Number(limit) }
}

/**
 * Reads `ip -j route`. `missing`: networks of other nodes' pods without a route. Where none of them has one, and the node's own
 * pods have none either, the cluster's network works without such routes.
 */
export const readPodRoutes: NamedReader = ([output], { podCidrs = [], ownPodCidrs = [] }) => {
  const routes = parseList(output?.text ?? '')
  if (routes === undefined || routes.length === 0 || podCidrs.length === 0) return undefined
  const known = new Set(routes.map(({ dst }) => textOf(dst)))
  const missing = podCidrs.filter((cidr) => !known.has(cidr))
  const hasOwn = ownPodCidrs.some((cidr) => known.has(cidr))
  return missing.length === podCidrs.length && !hasOwn
    ? undefined
    : { networks: podCidrs.length, missing, routes: routes.length }
}

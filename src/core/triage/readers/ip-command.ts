import type { NamedReader } from './generic.ts'
import { type JsonObject, listOf, numberOf, parseList, textOf, toObject } from './parse-api-objects.ts'

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
 * of the default route, and network cards. `idle`: bridges that somebody switched off. `shaped`: links with a limit. `bigger`: links of pods and tunnels whose packets don't fit into the node's link.
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
  // Pods may have limits of their own; loss and delay are made on purpose.
  const shaped = links.filter((link) =>
    main.includes(link) ? shaping.has(textOf(link['qdisc'])) : textOf(link['qdisc']) === 'netem',
  )
  return {
    links: links.length,
    down: own.filter((link) => !isUp(link) || !hasCarrier(link)).map(nameOf),
    device: main.map(nameOf),
    shaped: shaped.map(nameOf),
    qdisc: [...new Set(shaped.map((link) => textOf(link['qdisc'])))],
    idle: links.filter((link) => kindOf(link) === 'bridge' && !isUp(link)).map(nameOf),
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

/** Returns the route to a network in one line. */
function routeText(network: string, routes: readonly JsonObject[]): string {
  const route = routes.find(({ dst }) => dst === network)
  if (route === undefined) return `${network}: no route`
  const [type, gateway, device] = ['type', 'gateway', 'dev'].map((name) => textOf(route[name]))
  return [type, network, gateway && `via ${gateway}`, device && `dev ${device}`].filter((part) => part !== '').join(' ')
}

/** Kinds of routes that refuse packets. */
const refusing = new Set(['unreachable', 'blackhole', 'prohibit'])

/** Origins of routes that programs of the cluster write: those of routing daemons and of Calico. */
const daemons = /^(?:kernel|ra|bird|bgp|ospf|zebra|babel|80|dhcp)$/

/** Reads `ip -j route` and `ip -j rule`: routes and rules by which packets are refused, and that no daemon wrote. */
export const readRefusals: NamedReader = ([routeOutput, ruleOutput]) => {
  const routes = parseList(routeOutput?.text ?? '')
  const rules = parseList(ruleOutput?.text ?? '')
  if (routes === undefined || rules === undefined || routes.length + rules.length === 0) return undefined
  const refusedRoutes = routes.filter(
    ({ type, protocol }) => refusing.has(textOf(type)) && !daemons.test(textOf(protocol)),
  )
  const refusedRules = rules.filter(({ action }) => refusing.has(textOf(action)))
  const evidence = [
    ...refusedRoutes.map(({ type, dst }) => `${textOf(type)} ${textOf(dst)}`),
    ...refusedRules.map((rule) =>
      ['src', 'dst', 'iif', 'oif', 'fwmark', 'action']
        .flatMap((name) =>
          textOf(rule[name]) === '' ? [] : [name === 'action' ? textOf(rule[name]) : `${name} ${textOf(rule[name])}`],
        )
        .join(' '),
    ),
  ]
  return { routes: routes.length, rules: rules.length, refused: evidence, evidence }
}

/**
 * Reads `ip -j route`. `missing`: networks of other nodes' pods without a route, `refused` of those whose route refuses them, `elsewhere` of those that
 * lead to no node although others do. Where none of them has one, and the node's own
 * pods have none either, the cluster's network works without such routes.
 */
export const readPodRoutes: NamedReader = ([output], facts) => {
  const { podCidrs = [], ownPodCidrs = [] } = facts
  const routes = parseList(output?.text ?? '')
  if (routes === undefined || routes.length === 0 || podCidrs.length === 0) return undefined
  const known = new Set(routes.map(({ dst }) => textOf(dst)))
  const missing = podCidrs.filter((cidr) => !known.has(cidr))
  // Nodes of one network hand packets to each other: another way is a route that was changed.
  const led = routes.filter((route) => podCidrs.includes(textOf(route['dst'])) && textOf(route['gateway']) !== '')
  const toPeers = led.filter((route) => facts.peers?.includes(textOf(route['gateway'])) === true)
  const elsewhere = toPeers.length === 0 ? [] : led.filter((route) => !toPeers.includes(route))
  const refused = routes.filter(
    (route) => refusing.has(textOf(route['type'])) && podCidrs.includes(textOf(route['dst'])),
  )
  const hasOwn = ownPodCidrs.some((cidr) => known.has(cidr))
  return missing.length === podCidrs.length && !hasOwn
    ? undefined
    : {
        networks: podCidrs.length,
        missing,
        routes: routes.length,
        evidence: podCidrs.map((cidr) => routeText(cidr, routes)),
        refused: refused.map(({ dst }) => textOf(dst)),
        elsewhere: podCidrs.length > (facts.peers?.length ?? 0) ? [] : elsewhere.map(({ dst }) => textOf(dst)),
      }
}

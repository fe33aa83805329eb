import type { Insight } from '#core/request/insight'
import { defined } from '#core/util/defined'
import { parseJson, toList } from '#core/util/json'
import { factsOf, firstMatch, linesOf, listed, wordAfter } from './insight-helpers.ts'
import type { AskedOfIp } from './ip-arguments.ts'

/** One route. `kind`: `unicast`, or what it does instead (`unreachable`, `blackhole`, `local`). */
export type Route = {
  kind: string
  to: string
  gateways: readonly string[]
  device: string | undefined
  /** True where the link that it leads over is down. */
  down: boolean
  /** Table, where it is printed: `table all` does so for all but the main one. */
  table?: string
}

/** Routes of `ip route`, or the way to one address (`ip route get`). */
export type RoutesData =
  | {
      kind: 'routes'
      routes: readonly Route[]
      /** True where all default routes are shown, if there are any. */
      hasAllDefaults: boolean
      isIpv6: boolean
      /** Table that was asked for, where it isn't the main one. */
      table: string | undefined
    }
  | { kind: 'way'; route: Route; source: string | undefined }
  | { kind: 'no-way'; to: string; said: string }

const special = /^(?:local|broadcast|multicast|unreachable|blackhole|prohibit|throw|anycast|nat)$/
const destination =
  /^(?:default|(?:\d{1,3}\.){3}\d{1,3}(?:\/\d+)?|\d{1,3}(?:\.\d{1,3}){0,2}\/\d+|[\da-f]*:[\da-f:.]*(?:\/\d+)?)$/i

/** Reads routes, or the way to an address. */
export function readRoutes(text: string, asked: AskedOfIp, exit: number | undefined): RoutesData | undefined {
  if (asked.command === 'get') return readWay(text, asked)
  const routes = asked.isJson ? parseJsonRoutes(text) : parseRoutes(text)
  if (routes === undefined || (routes.length === 0 && exit !== 0)) return undefined
  const selectors = asked.selectors.join(' ')
  const hasAllDefaults = ['', 'table main', 'default'].includes(selectors)
  const [, table] = /^(?:table|vrf) (\S+)/.exec(selectors) ?? []
  const isOther = table !== undefined && !['main', 'all', '0'].includes(table)
  return { kind: 'routes', routes, hasAllDefaults, isIpv6: asked.family === 6, table: isOther ? table : undefined }
}

/** Parses routes; undefined where a line is none. */
function parseRoutes(text: string): Route[] | undefined {
  const routes: Route[] = []
  for (const line of linesOf(text)) {
    if (line === '') continue
    const [, nexthop] = /^\s+nexthop (.*)$/.exec(line) ?? []
    if (nexthop === undefined) {
      const route = parseRoute(line)
      if (route === undefined) return undefined
      routes.push(route)
      continue
    }
    const last = routes.pop()
    const next = parseRoute(`default ${nexthop}`)
    if (last === undefined || next === undefined) return undefined
    routes.push({
      ...last,
      gateways: [...last.gateways, ...next.gateways],
      down: next.down && (last.down || last.gateways.length === 0),
    })
  }
  return routes
}

function parseRoute(line: string): Route | undefined {
  const words = line.trim().split(/\s+/)
  const kind = special.test(words[0] ?? '') ? (words.shift() ?? '') : 'unicast'
  const to = words.shift() ?? ''
  if (!destination.test(to)) return undefined
  const via = wordAfter(words, 'via')
  const gateway = via === 'inet' || via === 'inet6' ? words[words.indexOf('via') + 2] : via
  const table = wordAfter(words, 'table')
  return {
    kind,
    to,
    gateways: gateway === undefined ? [] : [gateway],
    device: wordAfter(words, 'dev'),
    down: words.includes('linkdown') || words.includes('dead'),
    ...defined({ table }),
  }
}

function parseJsonRoutes(text: string): Route[] | undefined {
  const json = parseJson(text)
  if (!Array.isArray(json)) return undefined
  return toList(json).flatMap((route) => {
    const { dst, type, gateway, dev, flags } = route
    if (typeof dst !== 'string') return []
    const hops = toList(route['nexthops']).flatMap((hop) =>
      typeof hop['gateway'] === 'string' ? [hop['gateway']] : [],
    )
    return [
      {
        kind: typeof type === 'string' ? type : 'unicast',
        to: dst,
        gateways: typeof gateway === 'string' ? [gateway, ...hops] : hops,
        device: typeof dev === 'string' ? dev : undefined,
        down: Array.isArray(flags) && (flags.includes('linkdown') || flags.includes('dead')),
      },
    ]
  })
}

function readWay(text: string, { selectors, isJson }: AskedOfIp): RoutesData | undefined {
  const [said] = firstMatch(text, /^RTNETLINK answers: (.+)$/) ?? []
  const to = selectors.find((word) => destination.test(word))
  if (said !== undefined)
    return to === undefined || said === 'Operation not permitted' ? undefined : { kind: 'no-way', to, said }
  const route = isJson ? parseJsonRoutes(text)?.[0] : parseRoute(linesOf(text)[0] ?? '')
  if (route === undefined || (route.device === undefined && route.kind === 'unicast')) return undefined
  return { kind: 'way', route, source: / src (\S+)/.exec(text)?.[1] }
}

/** Says where the default route leads, or the way to one address. */
export function sayRoutes(data: RoutesData): Insight | undefined {
  if (data.kind === 'no-way') return { severity: 'bad', headline: sayNoWay(data.to, data.said), facts: [] }
  return data.kind === 'way' ? sayWay(data.route, data.source) : sayList(data)
}

function sayNoWay(to: string, said: string): string {
  if (said === 'Network is unreachable') return `There is no route to ${to}`
  return `A route keeps packets from ${to}: ${said}`
}

function sayWay({ kind, to, gateways, device }: Route, source: string | undefined): Insight {
  const facts = factsOf({ source, device })
  if (kind === 'local') return { severity: 'ok', headline: `${to} is an address of this host itself`, facts }
  if (kind === 'unreachable' || kind === 'blackhole' || kind === 'prohibit')
    return { severity: 'bad', headline: `A route keeps packets from ${to}: ${kind}`, facts }
  if (gateways.length === 0) return { severity: 'ok', headline: `${to} is directly on ${device}`, facts }
  return { severity: 'ok', headline: `${to} goes via ${listed(gateways)} (${device})`, facts }
}

const nowhere = /^(?:unreachable|blackhole|prohibit|throw)$/

function sayList({
  routes: all,
  hasAllDefaults,
  isIpv6,
  table,
}: Extract<RoutesData, { kind: 'routes' }>): Insight | undefined {
  // `table all` shows the default routes of other tables too, which lead only what rules send there.
  const routes = all.filter((route) => route.table === undefined)
  const defaults = routes.filter(({ to, kind }) => isDefault(to) && kind === 'unicast')
  const refusing = routes.filter(({ to, kind }) => isDefault(to) && nowhere.test(kind))
  const gateways = gatewaysOf(defaults)
  const facts = factsOf({
    routes: String(all.length),
    default: listed(gateways),
    'leads nowhere': listed(routes.filter(({ kind }) => nowhere.test(kind)).map(({ to }) => to)),
  })
  if (defaults.length > 0) {
    return defaults.every(({ down }) => down)
      ? { severity: 'warn', headline: `The default route goes via ${listed(gateways)} (a link that is down)`, facts }
      : {
          severity: 'ok',
          headline: `The default route goes via ${listed(gateways)}${table === undefined ? '' : ` (table ${table})`}`,
          facts,
        }
  }
  if (!hasAllDefaults) return undefined
  const halves = routes.filter(({ to }) => to === '0.0.0.0/1' || to === '128.0.0.0/1')
  if (halves.length === 2) {
    return {
      severity: 'ok',
      headline: `Everything goes via ${listed(gatewaysOf(halves))} (0.0.0.0/1 and 128.0.0.0/1)`,
      facts,
    }
  }
  if (refusing.length > 0)
    return {
      severity: isIpv6 ? 'ok' : 'warn',
      headline: `The default route leads nowhere: ${refusing[0]?.kind}`,
      facts,
    }
  return { severity: isIpv6 ? 'ok' : 'warn', headline: 'No default route: only these networks can be reached', facts }
}

/** Returns where routes lead: their gateways, else their devices. */
function gatewaysOf(routes: readonly Route[]): string[] {
  return [...new Set(routes.flatMap(({ gateways, device = '' }) => (gateways.length > 0 ? gateways : [device])))]
}

function isDefault(to: string): boolean {
  return to === 'default' || to === '0.0.0.0/0' || to === '::/0'
}

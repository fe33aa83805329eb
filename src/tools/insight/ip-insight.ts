import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, linesOf, listed, matching } from './match-lines.ts'

/** Reports inactive links and differing MTUs from `ip link` and `ip address`, or the default route from `ip route`. */
export const ipInsight: ReadOutput = ({ text, argv }) => {
  const links = parseLinks(text)
  if (links.length > 0) return toLinksInsight(links, findLosses(text))
  const args = argv.slice(1).filter((arg) => !arg.startsWith('-'))
  const isComplete = args.length === 1 || (args.length === 2 && /^(s|sh|show|list|ls|l)$/.test(args[1] ?? ''))
  return /^r(o(u(te?)?)?)?$/.test(args[0] ?? '') && isComplete ? toRoutesInsight(text, argv.includes('-6')) : undefined
}

/** Maximum number of MTUs that are named. */
const maxMtus = 8

type Link = { name: string; up: boolean; carrier: boolean; mtu: number | undefined }

function parseLinks(text: string): Link[] {
  const full = matching(text, /^\d+: ([^:]+): <([^>]*)> mtu (\d+) .*state (\w+)/).map(
    ([name = '', flags = '', mtu, state]): Link => {
      const flagList = flags.split(',')
      return {
        name: withoutParent(name),
        up: flagList.includes('UP'),
        carrier: !flagList.includes('NO-CARRIER') && state !== 'DOWN',
        mtu: Number(mtu),
      }
    },
  )
  if (full.length > 0) return full
  return matching(text, /^(\S+)\s+(UP|DOWN|UNKNOWN|LOWERLAYERDOWN|DORMANT)\s/).map(
    ([name = '', state]): Link => ({
      name: withoutParent(name),
      up: state !== 'DOWN',
      carrier: state !== 'DOWN' && state !== 'LOWERLAYERDOWN',
      mtu: undefined,
    }),
  )
}

/** Returns the name of a link without that of the link which it belongs to: `eth0` for `eth0@if3`. */
function withoutParent(name: string): string {
  return name.split('@')[0] ?? ''
}

function toLinksInsight(links: readonly Link[], losses: readonly string[]): Insight {
  const down = links.filter(({ up, carrier }) => !up || !carrier).map(({ name }) => name)
  const working = links.filter(({ name, up, mtu }) => up && name !== 'lo' && mtu !== undefined)
  const byMtu = Map.groupBy(working, ({ mtu }) => Number(mtu))
  const mtus = [...byMtu.keys()].sort((a, b) => b - a)
  const facts = factsOf({
    links: String(links.length),
    down: down.length === 0 ? undefined : listed(down, 6),
    MTU:
      mtus.length === 0
        ? undefined
        : mtus
            .slice(0, maxMtus)
            .map((mtu) => `${mtu}: ${listed((byMtu.get(mtu) ?? []).map(({ name }) => name))}`)
            .join('; '),
    'errors and drops': losses.length === 0 ? undefined : listed(losses),
  })
  if (down.length > 0)
    return { severity: 'warn', headline: `${count(down.length, 'link')} down: ${listed(down)}`, facts }
  if (mtus.length > 1)
    // An overlay network's MTU is smaller than the node's by design, so this is mentioned, but is no warning.
    return {
      severity: 'ok',
      headline: `All ${links.length} links are up; their MTUs differ: ${listed(mtus.map(String), maxMtus)}`,
      facts,
    }
  return {
    severity: 'ok',
    headline: links.length === 1 ? `${links[0]?.name} is up` : `All ${links.length} links are up`,
    facts,
  }
}

/** Returns the errors and drops in the `RX:` and `TX:` counters of each link in `ip -s link`. */
function findLosses(text: string): string[] {
  const lines = linesOf(text)
  let link = ''
  return lines.flatMap((line, index) => {
    link = /^\d+: ([^:@]+)/.exec(line)?.[1] ?? link
    const [, direction] = /^\s+(RX|TX):\s+bytes\s+packets\s+errors\s+dropped/.exec(line) ?? []
    const [, , errors = '0', dropped = '0'] = (lines[index + 1] ?? '').trim().split(/\s+/)
    return direction === undefined || Number(errors) + Number(dropped) === 0
      ? []
      : [`${link} ${direction} ${errors} errors, ${dropped} dropped`]
  })
}

function toRoutesInsight(text: string, isIpv6: boolean): Insight | undefined {
  const lines = linesOf(text).filter((line) => line !== '')
  const known = /^(?:(?:default|unreachable|blackhole|prohibit|throw) ?|(?:\d{1,3}\.){3}\d{1,3}|[\da-f]*:[\da-f:]*)/
  if (lines.length === 0 || !lines.every((line) => known.test(line) || /^\s+nexthop /.test(line))) return undefined
  const gateways = lines
    .filter((line) => line.startsWith('default '))
    .map((line) => /via (\S+)/.exec(line)?.[1] ?? /dev (\S+)/.exec(line)?.[1] ?? '')
  const unreachable = matching(text, /^(?:unreachable|blackhole|prohibit) (\S+)/).map(([to = '']) => to)
  const facts = factsOf({
    routes: String(lines.length),
    default: listed(gateways),
    'leads nowhere': unreachable.length === 0 ? undefined : listed(unreachable),
  })
  if (gateways.length > 0) return { severity: 'ok', headline: `The default route goes via ${listed(gateways)}`, facts }
  return { severity: isIpv6 ? 'ok' : 'warn', headline: 'No default route: only these networks can be reached', facts }
}

import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, linesOf, listed, matching } from './lines.ts'

/** Links down and MTUs that differ of `ip link` and `ip address`, the default route of `ip route`. */
export const ipInsight: ReadOutput = ({ text, argv }) => {
  const links = linksIn(text)
  if (links.length > 0) return linksInsight(links, lossesIn(text))
  const words = argv.slice(1).filter((word) => !word.startsWith('-'))
  const whole = words.length === 1 || (words.length === 2 && /^(s|sh|show|list|ls|l)$/.test(words[1] ?? ''))
  return /^r(o(u(te?)?)?)?$/.test(words[0] ?? '') && whole ? routes(text, argv.includes('-6')) : undefined
}

type Link = { name: string; up: boolean; carrier: boolean; mtu: number | undefined }

function linksIn(text: string): Link[] {
  const full = matching(text, /^\d+: ([^:]+): <([^>]*)> mtu (\d+) .*state (\w+)/).map(
    ([name = '', flags = '', mtu, state]): Link => {
      const given = flags.split(',')
      return {
        name: name.replace(/@.*$/, ''),
        up: given.includes('UP'),
        carrier: !given.includes('NO-CARRIER') && state !== 'DOWN',
        mtu: Number(mtu),
      }
    },
  )
  if (full.length > 0) return full
  return matching(text, /^(\S+)\s+(UP|DOWN|UNKNOWN|LOWERLAYERDOWN|DORMANT)\s/).map(
    ([name = '', state]): Link => ({
      name: name.replace(/@.*$/, ''),
      up: state !== 'DOWN',
      carrier: state !== 'DOWN' && state !== 'LOWERLAYERDOWN',
      mtu: undefined,
    }),
  )
}

function linksInsight(links: readonly Link[], losses: readonly string[]): Insight {
  const down = links.filter(({ up, carrier }) => !up || !carrier).map(({ name }) => name)
  const working = links.filter(({ name, up, mtu }) => up && name !== 'lo' && mtu !== undefined)
  const mtus = [...new Set(working.map(({ mtu }) => mtu))].sort((a, b) => Number(b) - Number(a))
  const facts = factsOf({
    links: String(links.length),
    down: down.length === 0 ? undefined : listed(down, 6),
    MTU:
      mtus.length === 0
        ? undefined
        : mtus
            .map((mtu) => `${mtu}: ${listed(working.filter((link) => link.mtu === mtu).map(({ name }) => name))}`)
            .join('; '),
    'errors and drops': losses.length === 0 ? undefined : listed(losses),
  })
  if (down.length > 0)
    return { severity: 'warn', headline: `${count(down.length, 'link')} down: ${listed(down)}`, facts }
  if (mtus.length > 1)
    // An overlay's links are smaller than the node's on purpose: worth a word, no alarm.
    return {
      severity: 'ok',
      headline: `All ${links.length} links are up; their MTUs differ: ${mtus.join(', ')}`,
      facts,
    }
  return {
    severity: 'ok',
    headline: links.length === 1 ? `${links[0]?.name} is up` : `All ${links.length} links are up`,
    facts,
  }
}

/** Counters below `RX:` and `TX:` of each link in `ip -s link`. */
function lossesIn(text: string): string[] {
  const lines = linesOf(text)
  let link = ''
  return lines.flatMap((line, index) => {
    link = /^\d+: ([^:@]+)/.exec(line)?.[1] ?? link
    const [, way] = /^\s+(RX|TX):\s+bytes\s+packets\s+errors\s+dropped/.exec(line) ?? []
    const [, , errors = '0', dropped = '0'] = (lines[index + 1] ?? '').trim().split(/\s+/)
    return way === undefined || Number(errors) + Number(dropped) === 0
      ? []
      : [`${link} ${way} ${errors} errors, ${dropped} dropped`]
  })
}

function routes(text: string, six: boolean): Insight | undefined {
  const lines = linesOf(text).filter((line) => line !== '')
  const known = /^(?:(?:default|unreachable|blackhole|prohibit|throw) ?|(?:\d{1,3}\.){3}\d{1,3}|[\da-f]*:[\da-f:]*)/
  if (lines.length === 0 || !lines.every((line) => known.test(line) || /^\s+nexthop /.test(line))) return undefined
  const ways = lines
    .filter((line) => line.startsWith('default '))
    .map((line) => /via (\S+)/.exec(line)?.[1] ?? /dev (\S+)/.exec(line)?.[1] ?? '')
  const walls = matching(text, /^(?:unreachable|blackhole|prohibit) (\S+)/).map(([to = '']) => to)
  const facts = factsOf({
    routes: String(lines.length),
    default: listed(ways),
    'leads nowhere': walls.length === 0 ? undefined : listed(walls),
  })
  if (ways.length > 0) return { severity: 'ok', headline: `The default route goes by ${listed(ways)}`, facts }
  return { severity: six ? 'ok' : 'warn', headline: 'No default route: only these networks are reached', facts }
}

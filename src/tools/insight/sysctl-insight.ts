import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { hasOption, operandsOf } from './arguments-of.ts'
import { factsOf, linesOf, matching, percent } from './insight-helpers.ts'

/** Fill level of the connection table (0 to 1) from which its severity is `warn`, and from which it is `bad`. */
const warnLevel = 0.7
const badLevel = 0.9

/** Values that `sysctl` printed, by name with dots; `asked` are the names among its arguments. */
export type SysctlData = { values: ReadonlyMap<string, string>; asked: readonly string[] }

function readSysctl({ text, argv, exit }: ToolOutput): SysctlData | undefined {
  const asked = operandsOf(argv, ['--pattern', '-r', '-p', '--load']).map((name) => name.replaceAll('/', '.'))
  if (hasOption(argv, 'n', '--values')) {
    const lines = linesOf(text).filter((line) => line !== '')
    // Without names, each value belongs to the name at its place; one that is missing would shift the others.
    if (lines.length !== asked.length || (exit !== undefined && exit !== 0)) return undefined
    return { asked, values: new Map(asked.map((name, index) => [name, lines[index] ?? ''])) }
  }
  const values = new Map(
    matching(text, /^([a-z][\w./-]*) = (.*)$/).map(([name = '', value = '']): [string, string] => [name, value]),
  )
  return values.size === 0 ? undefined : { values, asked }
}

/** Switches that turn forwarding between interfaces on. */
const forwarding = ['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding', 'net.ipv6.conf.all.forwarding']

function saySysctl({ values, asked }: SysctlData): Insight | undefined {
  const entries = toNumber(values.get('net.netfilter.nf_conntrack_count'))
  const room = toNumber(values.get('net.netfilter.nf_conntrack_max'))
  if (entries !== undefined && room !== undefined && room > 0) {
    const severity = entries / room >= badLevel ? 'bad' : entries / room >= warnLevel ? 'warn' : 'ok'
    return {
      severity,
      headline: `The connection table is ${percent(entries, room)} full`,
      facts: factsOf({ entries: String(entries), room: String(room) }),
    }
  }
  const off = forwarding.filter((name) => asked.includes(name) && values.get(name) === '0')
  return off.length === 0
    ? undefined
    : { severity: 'warn', headline: `Forwarding between interfaces is off here: ${off.join(', ')} is 0`, facts: [] }
}

function toNumber(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
}

/** Reader of `sysctl`: the fill level of the connection table, and forwarding that is off. */
export const sysctlReader: Reader<SysctlData> = { read: readSysctl, say: saySysctl }
export const sysctlInsight = interpretWith(sysctlReader)

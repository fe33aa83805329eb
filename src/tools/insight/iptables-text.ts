import type { ToolOutput } from '#core/request/insight'
import { optionValues } from './arguments-of.ts'
import { type Collected, emptyRules, type FirewallRules, findContinuations } from './firewall-rules.ts'
import { firstMatch, linesOf } from './insight-helpers.ts'

/** What `iptables` proves: rules, or that it must not or can't read them. */
export type IptablesData = FirewallRules | { kind: 'not-permitted' } | { kind: 'incompatible'; table: string }

const droppingTargets = new Set(['DROP', 'REJECT'])
/** Protocols, which are in the target column where a rule has no target. */
const protocols = /^(?:tcp|udp|udplite|icmp|icmpv6|ipv6-icmp|sctp|esp|ah|gre|all)$/
/** Targets that aren't chains. Source: iptables-extensions(8). */
const extensions = new Set(
  `ACCEPT DROP REJECT RETURN QUEUE AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNAT DNPT DSCP ECN HL HMARK IDLETIMER
  LED LOG MARK MASQUERADE NETMAP NFLOG NFQUEUE NOTRACK RATEEST REDIRECT SECMARK SET SNAT SNPT SYNPROXY TCPMSS TCPOPTSTRIP TEE TOS
  TPROXY TRACE TTL ULOG`.split(/\s+/),
)
/** Maximum number of columns that are looked at. */
const maxColumns = 20

/** Reads `iptables -L`, `iptables -S` and `iptables-save`. */
export function readIptables({ text, argv }: ToolOutput): IptablesData | undefined {
  if (/^ip6?tables(?:-\w+)? v\S+ .*(?:Permission denied|you must be root)/m.test(text)) return { kind: 'not-permitted' }
  const [incompatible] = firstMatch(text, /^# Table `(\w+)' is incompatible, use 'nft' tool\.$/) ?? []
  if (incompatible !== undefined) return { kind: 'incompatible', table: incompatible }
  const isList = /^Chain \S+ \(/m.test(text)
  const found = isList ? parseList(text) : parseSpecification(text)
  if (found === undefined) return undefined
  const { jumps: _, ...rules } = found
  const isSave = argv[0]?.endsWith('-save') === true
  const [table] = optionValues(argv, 't', '--table')
  return {
    kind: 'rules',
    ...rules,
    continuations: findContinuations(found),
    maps: [],
    part: partOf(found, table, isSave),
    countersBy: isSave ? '-c' : '-v',
    hidden: /^# Warning: iptables-legacy tables present/m.test(text) ? 'legacy rules' : undefined,
  }
}

/** Returns what is shown, where it isn't all: a chain that was named, or a table. */
function partOf({ chains }: Collected, table: string | undefined, isSave: boolean): string | undefined {
  const [only, ...others] = chains
  // Every table has more than one chain.
  if (only !== undefined && others.length === 0 && !isSave) return `the chain ${only.slice(only.indexOf(' ') + 1)}`
  return table === undefined || (table === 'filter' && !isSave) ? undefined : `the ${table} table`
}

function addTarget(
  rules: Collected,
  table: string,
  chain: string,
  target: string,
  what: string,
  packets: number | undefined,
): void {
  rules.rules += 1
  if (droppingTargets.has(target)) rules.drops.push({ chain, what, packets })
  else if (target === 'NFQUEUE' || target === 'QUEUE') rules.queued += 1
  else if (/^[A-Za-z]/.test(target) && !protocols.test(target) && !extensions.has(target))
    rules.jumps.add(`${table} ${target}`)
}

function parseList(text: string): Collected | undefined {
  const rules = emptyRules()
  let chain = ''
  let columns: string[] = []
  for (const line of linesOf(text)) {
    const [, name, policy, packets] =
      /^Chain (\S+) \((?:policy (\w+)(?: (\w+) packets, \w+ bytes)?|\d+ references)\)/.exec(line) ?? []
    if (name !== undefined) {
      chain = name
      rules.chains.add(` ${chain}`)
      if (policy === 'DROP') rules.dropPolicies.push({ chain, packets: toCounter(packets) })
    } else if (/^\s*(?:num\s+)?(?:pkts\s+bytes\s+)?target\s+prot/.test(line)) {
      columns = line.trim().split(/\s+/, maxColumns)
    } else if (line.trim() !== '' && columns.length > 0) {
      const fields = line.trim().split(/\s+/)
      const what = fields
        .slice(columns.indexOf('target'))
        .filter((field, index) => index === 0 || !/^(?:--|\*|0\.0\.0\.0\/0|::\/0|0|1|6|17|all)$/.test(field))
      const target = fields[columns.indexOf('target')] ?? ''
      addTarget(rules, '', chain, target, what.join(' '), toCounter(fields[columns.indexOf('pkts')]))
    }
  }
  return columns.length === 0 ? undefined : rules
}

/** Parses `iptables -S` and `iptables-save`. Counters precede a rule (`[7:420]`) or follow it (`-c 7 420`). */
function parseSpecification(text: string): Collected | undefined {
  const rules = emptyRules()
  const lines = linesOf(text)
  const hasSeveralTables = lines.filter((line) => /^\*\w+$/.test(line)).length > 1
  let table = ''
  for (const line of lines) {
    table = /^\*(\w+)$/.exec(line)?.[1] ?? table
    const named = (chain: string) => (hasSeveralTables ? `${table} ${chain}` : chain)
    const [, chain, policy, packets] =
      /^-P (\S+) (\w+)(?: -c (\d+) \d+)?$/.exec(line) ?? /^:(\S+) (\w+|-)(?: \[(\d+):\d+\])?$/.exec(line) ?? []
    const [, created] = /^-N (\S+)$/.exec(line) ?? []
    const known = chain ?? created
    if (known !== undefined) rules.chains.add(`${table} ${known}`)
    if (chain !== undefined && policy === 'DROP')
      rules.dropPolicies.push({ chain: named(chain), packets: toCounter(packets) })
    const [, counted, where, rest = ''] = /^(?:\[(\d+):\d+\] )?-A (\S+)(?: (.*))?$/.exec(line) ?? []
    if (where === undefined) continue
    const plain = rest.replaceAll(/"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)/g, '')
    const [, target = ''] = /(?:^| )-[jg] (\S+)/.exec(plain) ?? []
    const [, after] = /(?:^| )-c (\d+) \d+(?: |$)/.exec(plain) ?? []
    addTarget(rules, table, named(where), target, rest, toCounter(counted ?? after))
  }
  return rules.chains.size + rules.rules === 0 ? undefined : rules
}

/** Parses a counter that iptables may have shortened by powers of 1000: `12K`, `3M`. */
function toCounter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, digits, unit = ''] = /^(\d+)([KMGT]?)$/.exec(text) ?? []
  const power = unit === '' ? 0 : 'KMGT'.indexOf(unit) + 1
  return digits === undefined ? 0 : Number(digits) * 1_000 ** power
}

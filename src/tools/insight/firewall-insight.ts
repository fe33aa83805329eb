import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, listed } from './match-lines.ts'

/** Rule that drops or rejects packets. `packets` is undefined where the output has no counters. */
type Drop = { chain: string; what: string; packets: number | undefined }
/** Rules of an output. `targets`: the actions of rules, and the chains that they jump to. `rules`: their number. */
type Rules = {
  targets: Set<string>
  chains: Set<string>
  rules: number
  policies: { chain: string; policy: string; packets: number | undefined }[]
  drops: Drop[]
}

const droppingTargets = new Set(['DROP', 'REJECT'])
/** Protocols, which are in the target column where a rule has no target. */
const protocols = /^(?:tcp|udp|udplite|icmp|icmpv6|ipv6-icmp|sctp|esp|ah|gre|all)$/
/** Targets that aren't chains. Source: iptables-extensions(8). */
const extensions = new Set(
  `ACCEPT DROP REJECT RETURN QUEUE AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNAT DNPT DSCP ECN HL HMARK IDLETIMER
  LED LOG MARK MASQUERADE NETMAP NFLOG NFQUEUE NOTRACK RATEEST REDIRECT SECMARK SET SNAT SNPT SYNPROXY TCPMSS TCPOPTSTRIP TEE TOS
  TPROXY TRACE TTL ULOG`.split(/\s+/),
)

/** Reports dropping rules and whether they dropped packets, from `iptables -L`, `iptables -S` or `iptables-save`. */
export const iptablesInsight: ReadOutput = ({ text }) => {
  if (/^ip6?tables(?:-\w+)? v\S+ .*(?:Permission denied|you must be root)/m.test(text)) {
    return { severity: 'bad', headline: 'Not permitted: reading the rules needs NET_ADMIN', facts: [] }
  }
  const rules = /^Chain \S+ \(/m.test(text) ? parseList(text) : parseSpecification(text)
  return rules === undefined ? undefined : toInsight(rules)
}

/** Maximum number of columns that are looked at. */
const maxColumns = 20

function parseList(text: string): Rules | undefined {
  const rules: Rules = { chains: new Set(), rules: 0, policies: [], drops: [], targets: new Set() }
  let chain = ''
  let columns: string[] = []
  for (const line of linesOf(text)) {
    const [, name, policy, packets] =
      /^Chain (\S+) \((?:policy (\w+)(?: (\w+) packets, \w+ bytes)?|\d+ references)\)/.exec(line) ?? []
    if (name !== undefined) {
      chain = name
      rules.chains.add(chain)
      if (policy !== undefined)
        rules.policies.push({ chain, policy, packets: packets === undefined ? undefined : parseCounter(packets) })
    } else if (/^\s*(?:num\s+)?(?:pkts\s+bytes\s+)?target\s+prot/.test(line)) {
      columns = line.trim().split(/\s+/, maxColumns)
    } else if (line.trim() !== '' && columns.length > 0) {
      const fields = line.trim().split(/\s+/)
      const target = fields[columns.indexOf('target')] ?? ''
      const packets = fields[columns.indexOf('pkts')]
      rules.rules += 1
      rules.targets.add(target)
      if (droppingTargets.has(target)) {
        const what = [target, ...fields.slice(columns.indexOf('target') + 1)].filter(
          (field) => !/^(--|\*|0\.0\.0\.0\/0|::\/0|0|1|6|17|all)$/.test(field),
        )
        rules.drops.push({
          chain,
          what: what.join(' '),
          packets: packets === undefined ? undefined : parseCounter(packets),
        })
      }
    }
  }
  return columns.length === 0 ? undefined : rules
}

/** Parses `iptables -S` and `iptables-save`, whose rules may have the prefix `[packets:bytes]`. */
function parseSpecification(text: string): Rules | undefined {
  const rules: Rules = { chains: new Set(), rules: 0, policies: [], drops: [], targets: new Set() }
  for (const line of linesOf(text)) {
    const [, chain, policy, packets] =
      /^-P (\S+) (\w+)$/.exec(line) ?? /^:(\S+) (\w+|-)(?: \[(\d+):\d+\])?$/.exec(line) ?? []
    if (chain !== undefined && policy !== undefined) {
      rules.chains.add(chain)
      if (policy !== '-')
        rules.policies.push({ chain, policy, packets: packets === undefined ? undefined : Number(packets) })
      continue
    }
    const [, createdChain] = /^-N (\S+)$/.exec(line) ?? []
    if (createdChain !== undefined) rules.chains.add(createdChain)
    const [, counted, where, rest = ''] = /^(?:\[(\d+):\d+\] )?-A (\S+)(?: (.*))?$/.exec(line) ?? []
    if (where === undefined) continue
    rules.rules += 1
    const [, target = ''] = /(?:^| )-[jg] (\S+)/.exec(rest.replaceAll(/"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)/g, '')) ?? []
    rules.targets.add(target)
    if (droppingTargets.has(target))
      rules.drops.push({ chain: where, what: rest, packets: counted === undefined ? undefined : Number(counted) })
  }
  return rules.chains.size + rules.rules === 0 ? undefined : rules
}

/** Parses a counter that iptables shortened by powers of 1000: `12K`, `3M`. */
function parseCounter(text: string): number {
  const [, digits, unit = ''] = /^(\d+)([KMGT]?)$/.exec(text) ?? []
  const power = unit === '' ? 0 : 'KMGT'.indexOf(unit) + 1
  return digits === undefined ? 0 : Number(digits) * 1_000 ** power
}

function toInsight(rules: Rules): Insight {
  const dropPolicies = rules.policies.filter(({ policy }) => policy.toUpperCase() === 'DROP')
  const activeDrops = [
    ...rules.drops,
    ...dropPolicies.map(({ chain, packets }) => ({ chain, what: 'policy DROP', packets })),
  ].filter(({ packets = 0 }) => packets > 0)
  const counted = rules.drops.some(({ packets }) => packets !== undefined)
  const sortedDrops = activeDrops.toSorted((a, b) => (b.packets ?? 0) - (a.packets ?? 0))
  const facts = factsOf({
    rules: `${rules.rules} in ${count(rules.chains.size, 'chain')}`,
    'policy DROP': dropPolicies.length === 0 ? undefined : listed(dropPolicies.map(({ chain }) => chain)),
    'drop or reject': count(rules.drops.length, 'rule'),
    dropped:
      sortedDrops.length === 0
        ? undefined
        : listed(sortedDrops.map(({ chain, what, packets }) => `${chain}: ${what} (${count(packets ?? 0, 'packet')})`)),
  })
  const [top] = sortedDrops
  if (top !== undefined) {
    const more = sortedDrops.length === 1 ? '' : `, and ${sortedDrops.length - 1} more`
    return {
      severity: 'warn',
      headline: `Packets were dropped: ${top.what} in ${top.chain} (${top.packets})${more}`,
      facts,
    }
  }
  const unknownChains = [...rules.targets].filter(
    (target) =>
      /^[A-Za-z]/.test(target) && !protocols.test(target) && !extensions.has(target) && !rules.chains.has(target),
  )
  if (rules.drops.length + dropPolicies.length === 0 && unknownChains.length > 0) {
    return {
      severity: 'ok',
      headline: `Nothing dropped in the rules shown; they continue in ${listed(unknownChains)}`,
      facts,
    }
  }
  if (rules.drops.length + dropPolicies.length === 0)
    return { severity: 'ok', headline: 'Nothing here drops packets', facts }
  const what =
    rules.drops.length === 0
      ? `the policy of ${listed(dropPolicies.map(({ chain }) => chain))} is DROP`
      : `${count(rules.drops.length, 'rule')} can drop`
  return {
    severity: 'ok',
    headline: counted ? `Nothing was dropped yet; ${what}` : `${capitalise(what)}; \`-v\` shows whether it did`,
    facts,
  }
}

function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** Reports dropping rules and whether they dropped packets, from `nft list ruleset`. */
export const nftInsight: ReadOutput = ({ text }) => {
  if (firstMatch(text, /^(table) \w+ \S+ \{$/) === undefined) return undefined
  const rules: Rules = { chains: new Set(), rules: 0, policies: [], drops: [], targets: new Set() }
  let chain = ''
  let inside = false
  for (const line of linesOf(text).map((each) => each.trim())) {
    const [, opened] = /^chain (\S+) \{$/.exec(line) ?? []
    if (opened !== undefined) {
      chain = opened
      inside = true
      rules.chains.add(chain)
      continue
    }
    if (line === '}') inside = false
    if (!inside || line === '' || line === '}') continue
    if (line.startsWith('type ')) {
      const [, policy] = /policy (\w+);/.exec(line) ?? []
      if (policy !== undefined) rules.policies.push({ chain, policy, packets: undefined })
      continue
    }
    if (line.startsWith('#')) continue
    rules.rules += 1
    const [, packets] = /counter packets (\d+) bytes \d+/.exec(line) ?? []
    if (/(?:^|\s)(?:drop|reject)(?:\s|$)/.test(line.replaceAll(/"[^"]*"/g, ''))) {
      rules.drops.push({
        chain,
        what: line.replace(/(?<!\s)\s*counter packets \d+ bytes \d+/, ''),
        packets: packets === undefined ? undefined : Number(packets),
      })
    }
  }
  return toInsight(rules)
}

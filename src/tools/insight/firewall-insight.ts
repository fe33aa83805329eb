import { type Insight, interpretWith, type Reader } from '#core/request/insight'
import { count } from '#core/util/units'
import type { FirewallRules } from './firewall-rules.ts'
import { factsOf, listed, moreText } from './insight-helpers.ts'
import { type IptablesData, readIptables } from './iptables-text.ts'
import { readNft } from './nft-text.ts'

function sayIptables(data: IptablesData): Insight {
  if (data.kind === 'not-permitted')
    return { severity: 'bad', headline: 'Not permitted: reading the rules needs NET_ADMIN', facts: [] }
  if (data.kind === 'incompatible') {
    const headline = `The ${data.table} table can't be shown by iptables: \`nft list ruleset\` shows it`
    return { severity: 'warn', headline, facts: [] }
  }
  return sayRules(data)
}

function sayRules(rules: FirewallRules): Insight {
  const { drops, dropPolicies, maps } = rules
  const active = [
    ...drops,
    ...dropPolicies.map(({ chain, packets }) => ({ chain, what: 'policy DROP', packets })),
  ].flatMap((drop) => (drop.packets === undefined || drop.packets === 0 ? [] : [{ ...drop, packets: drop.packets }]))
  const sorted = active.toSorted((a, b) => b.packets - a.packets)
  const facts = factsOf({
    rules: `${rules.rules} in ${count(rules.chains.size, 'chain')}`,
    'policy DROP': listed(dropPolicies.map(({ chain }) => chain)),
    'drop or reject': count(drops.length, 'rule'),
    dropped: listed(sorted.map(({ chain, what, packets }) => `${chain}: ${what} (${count(packets, 'packet')})`)),
    maps: listed(maps.map(({ name, leads }) => `${name} leads to ${listed(leads)}`)),
    'left to programs': rules.queued === 0 ? undefined : count(rules.queued, 'rule'),
    'not shown': rules.hidden,
  })
  const [top] = sorted
  if (top !== undefined) {
    return {
      severity: 'warn',
      headline: `Packets were dropped: ${top.what} in ${top.chain} (${top.packets})${moreText(sorted.length - 1)}`,
      facts,
    }
  }
  const headline = drops.length + dropPolicies.length === 0 ? sayNoDrops(rules) : sayPossibleDrops(rules)
  return { severity: 'ok', headline, facts }
}

/** Says that no rule drops, and what of it isn't shown. */
function sayNoDrops({ continuations, queued, part, hidden }: FirewallRules): string {
  if (continuations.length > 0) return `Nothing dropped in the rules shown; they continue in ${listed(continuations)}`
  const where = part === undefined ? 'here' : `in ${part}`
  const rest = [
    ...(queued === 0 ? [] : [queued === 1 ? '1 rule leaves it to a program' : `${queued} rules leave it to a program`]),
    ...(hidden === undefined ? [] : [`${hidden} are not shown`]),
  ]
  return `Nothing ${where} drops packets${rest.length === 0 ? '' : `; ${rest.join('; ')}`}`
}

function sayPossibleDrops({ drops, dropPolicies, countersBy }: FirewallRules): string {
  const policies = `policy of ${listed(dropPolicies.map(({ chain }) => chain))} is DROP`
  if (drops.length === 0) {
    const isCounted = dropPolicies.every(({ packets }) => packets !== undefined)
    return `The ${policies}${isCounted || countersBy !== '-v' ? '' : '; `-v` shows whether it did'}`
  }
  const what = `${count(drops.length, 'rule')} can drop`
  const counted = drops.filter(({ packets }) => packets !== undefined).length
  // Whether a policy dropped is known only where its counter isn't 0: nftables behind iptables may not count it.
  if (counted === drops.length) {
    return dropPolicies.length === 0
      ? `Nothing was dropped yet; ${what}`
      : `No rule dropped anything yet; ${what}, and the ${policies}`
  }
  if (countersBy !== undefined) return `${what}; \`${countersBy}\` shows whether it did`
  return counted > 0 ? `${what}; those that count dropped nothing` : what
}

/** Reader of `iptables`, `ip6tables` and their `-save` forms: rules that drop, and whether they did. */
export const iptablesReader: Reader<IptablesData> = { read: readIptables, say: sayIptables }
export const iptablesInsight = interpretWith(iptablesReader)

/** Reader of `nft list …`: rules and verdict maps that drop, and whether they did. */
export const nftReader: Reader<FirewallRules> = { read: readNft, say: sayRules }
export const nftInsight = interpretWith(nftReader)

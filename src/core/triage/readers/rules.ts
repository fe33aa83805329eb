import { measureGeneric, type NamedReader } from './generic.ts'

/** Chains and rules that kubelet keeps in each kind of iptables, as a sign of life. */
const canary = /KUBE-(?:KUBELET-CANARY|PROXY-CANARY|IPTABLES-HINT|FIREWALL|MARK-|POSTROUTING)/

/** Returns the rules of `iptables-save` that somebody uses. */
function rulesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('-A ') && !canary.test(line))
}

/** Reads `iptables-legacy-save` and `iptables-nft-save`: `mixed` where rules are in both. */
export const readRuleSets: NamedReader = ([legacyOutput, nftOutput]) => {
  if (legacyOutput === undefined || nftOutput === undefined) return undefined
  const [legacy, nft] = [rulesOf(legacyOutput.text).length, rulesOf(nftOutput.text).length]
  return { legacy, nft, mixed: legacy > 0 && nft > 0 ? 'yes' : 'no' }
}

/** Tables of programs whose rules are their own affair. */
const known = /^(?:kube-proxy|cilium|calico|cni|flannel|kindnet|portmap|hostport|firewalld|ufw|docker|libvirt)/
/** Tables of iptables, which many programs share. */
const shared = /^(?:filter|nat|mangle|raw|security)$/

/** Chains of programs whose rules are their own affair. */
const knownChains = /^(?:KUBE-|CNI-|cali-|CILIUM_|FLANNEL-|WEAVE-|DOCKER|f2b-|ufw|fail2ban|LIBVIRT|AZURE|EKS|GKE)/i

type NftRule = { family: string; table: string; chain: string; rule: string }

/** Returns the rules of `nft list ruleset`, with the table and the chain of each. */
function nftRules(text: string): NftRule[] {
  let [family, table, chain] = ['', '', '']
  return text.split('\n').flatMap((line) => {
    const rule = line.trim()
    const [, familyName, tableName] = /^table (\w+) (\S+) \{$/.exec(rule) ?? []
    const [, chainName] = /^chain (\S+) \{$/.exec(rule) ?? []
    if (familyName !== undefined && tableName !== undefined) [family, table] = [familyName, tableName]
    if (chainName !== undefined) chain = chainName
    if (rule === '}') {
      chain = ''
      return []
    }
    const isRule = chain !== '' && chainName === undefined && rule !== '' && !/^(?:type|policy|comment)\s/.test(rule)
    return isRule ? [{ family, table, chain, rule }] : []
  })
}

/** Returns true for a rule that ends with `drop` or `reject`. */
function isDropping(rule: string): boolean {
  const words = (rule.split(' comment "')[0] ?? '').trim().split(/\s+/)
  return words.at(-1) === 'drop' || words.includes('reject')
}

/** Returns true for a rule of every firewall: the last one, without any condition, and the one for packets that belong to no connection. */
function isUsual(rule: string): boolean {
  return (
    /^(?:(?:counter packets \d+ bytes \d+|counter|log) ?)*(?:drop|reject\b.*)$/.test(rule) ||
    /\bct state (?:\S+,)?invalid\b/.test(rule)
  )
}

/** Reads `nft list ruleset`: rules that drop packets in tables that no known program writes. */
export const readNftDrops: NamedReader = ([output]) => {
  if (output === undefined || !/^table \w+ \S+ \{$/m.test(output.text))
    return output?.exit === 0 && output.text.trim() === '' ? { rules: 0, drops: [], places: [] } : undefined
  const rules = nftRules(output.text)
  const isOwned = ({ table, chain, rule }: NftRule) =>
    known.test(table) ||
    (shared.test(table) && (knownChains.test(chain) || /comment "?(?:kube|cali|cilium)/i.test(rule)))
  const dropping = rules.filter((each) => isDropping(each.rule) && !isUsual(each.rule) && !isOwned(each))
  return {
    rules: rules.length,
    drops: dropping.map(({ rule }) => rule),
    places: [...new Set(dropping.map(({ table, chain }) => `${table} ${chain}`))],
  }
}

/**
 * Reads `nstat -asz TcpExtIPReversePathFilter` and the settings of rp_filter: packets that were dropped, and interfaces whose mode is
 * strict. The mode of an interface is the larger one of its own and that of all. Source: Linux, ip-sysctl.
 */
export const readRpFilter: NamedReader = ([counters, settings]) => {
  const [, dropped] = /^TcpExtIPReversePathFilter\s+(\d+)/m.exec(counters?.text ?? '') ?? []
  const modes = [...(settings?.text ?? '').matchAll(/^net\.ipv4\.conf\.(\S+)\.rp_filter = (\d)$/gm)]
  const all = Number(modes.find(([, name]) => name === 'all')?.[2])
  if (dropped === undefined || Number.isNaN(all)) return undefined
  const strict = modes.filter(
    ([, name, mode]) => name !== 'default' && name !== 'lo' && Math.max(all, Number(mode)) === 1,
  )
  return {
    dropped: Number(dropped),
    mode: String(all),
    strict: strict.flatMap(([line, name]) => (name === 'all' ? [line] : (name ?? []))),
  }
}

/**
 * Reads the settings of forwarding: those that are off though pods need them. IPv6's is off on most nodes, and matters only where pods
 * have addresses of IPv6; IPv4's does not where they have no others.
 */
export const readForwarding: NamedReader = ([output], { podCidrs = [], ownPodCidrs = [] }) => {
  const values = output === undefined ? undefined : measureGeneric({ kind: 'pairs' }, output)
  const networks = [...podCidrs, ...ownPodCidrs]
  const isSix = (network: string) => network.includes(':')
  const needed = [
    ...(networks.length > 0 && networks.every(isSix) ? [] : ['net.ipv4.ip_forward']),
    ...(networks.some(isSix) ? ['net.ipv6.conf.all.forwarding'] : []),
  ]
  if (values === undefined || !needed.some((name) => values[name] !== undefined)) return undefined
  return { off: needed.filter((name) => values[name] === 0) }
}

/** Reads `iptables-save`: rules that drop packets in chains that no known program writes, and without a comment of one. */
export const readIptablesDrops: NamedReader = ([output]) => {
  if (output === undefined) return undefined
  const isSaved = /^\*\w+$/m.test(output.text)
  if (!isSaved && !(output.exit === 0 && output.text.trim() === '')) return undefined
  const rules = output.text.split('\n').filter((line) => line.startsWith('-A '))
  const drops = rules.filter((rule) => {
    const [, chain = ''] = rule.split(' ')
    return (
      / -j (?:DROP|REJECT)\b/.test(rule) && !knownChains.test(chain) && !/ --comment "?(?:kube|cali|cilium)/i.test(rule)
    )
  })
  // A last rule without any condition is a policy, which admits only what is listed before it.
  return { rules: rules.length, drops: drops.filter((rule) => !/^-A \S+ -j (?:DROP|REJECT)\b/.test(rule)) }
}

/**
 * Reads `iptables-save -t nat` and `nft list ruleset`: whether the Service address of the cluster's DNS has rules here. `state`:
 * `there`, `missing`, or `empty` where kube-proxy's table has no rules at all.
 */
export const readServiceRules: NamedReader = ([iptables, nft], facts) => {
  const [address] = facts.clusterDns ?? []
  if (address === undefined || iptables === undefined || nft === undefined) return undefined
  // kube-proxy has a table for each family: that of the other one says nothing about this address.
  const other = address.includes(':') ? 'ip' : 'ip6'
  const all = nftRules(nft.text).filter(({ family, table }) => table === 'kube-proxy' && family !== other)
  // Chains of single Services come back with their next change; without the rule that leads to them, nothing does.
  const own = all.some(({ rule }) => rule.includes('@service-ips') || rule.includes(address)) ? all : []
  const linesOf = (text: string, form: RegExp) => text.split('\n').filter((line) => form.test(line))
  const tables = linesOf(nft.text, /^table \w+ kube-proxy \{$/)
  const chains = linesOf(iptables.text, /^:KUBE-SERVICES /)
  // Another program than kube-proxy may carry Services, without rules.
  if (tables.length + chains.length === 0) return undefined
  const services = linesOf(iptables.text, /^-A KUBE-SERVICES /)
  const isThere =
    services.some((line) => line.includes(`-d ${address}/32 `)) || (own.length > 0 && nft.text.includes(address))
  const rules = services.length + own.length
  const evidence = [
    ...tables.filter((line) => !line.startsWith(`table ${other} `)),
    ...chains,
    `rules that lead to Services there: ${rules}; to ${address}: ${isThere ? 'some' : 'none'}`,
  ]
  return { address, rules, state: isThere ? 'there' : rules === 0 ? 'empty' : 'missing', evidence }
}

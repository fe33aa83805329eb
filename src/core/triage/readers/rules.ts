import type { NamedReader } from './generic.ts'

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
const known =
  /^(?:kube-proxy|cilium|calico|cni|flannel|kindnet|portmap|hostport|filter|nat|mangle|raw|security|firewalld|ufw|docker|libvirt)/

type NftRule = { table: string; chain: string; rule: string }

/** Returns the rules of `nft list ruleset`, with the table and the chain of each. */
function nftRules(text: string): NftRule[] {
  let [table, chain] = ['', '']
  return text.split('\n').flatMap((line) => {
    const rule = line.trim()
    const [, tableName] = /^table \w+ (\S+) \{$/.exec(rule) ?? []
    const [, chainName] = /^chain (\S+) \{$/.exec(rule) ?? []
    if (tableName !== undefined) table = tableName
    if (chainName !== undefined) chain = chainName
    if (rule === '}') {
      chain = ''
      return []
    }
    const isRule = chain !== '' && chainName === undefined && rule !== '' && !/^(?:type|policy|comment)\s/.test(rule)
    return isRule ? [{ table, chain, rule }] : []
  })
}

/** Returns true for a rule that ends with `drop` or `reject`. */
function isDropping(rule: string): boolean {
  const words = (rule.split(' comment "')[0] ?? '').trim().split(/\s+/)
  return words.at(-1) === 'drop' || words.includes('reject')
}

/** Reads `nft list ruleset`: rules that drop packets in tables that no known program writes. */
export const readNftDrops: NamedReader = ([output]) => {
  if (output === undefined || !/^table \w+ \S+ \{$/m.test(output.text))
    return output?.exit === 0 && output.text.trim() === '' ? { rules: 0, drops: [] } : undefined
  const rules = nftRules(output.text)
  const dropping = rules.filter(({ table, rule }) => isDropping(rule) && !known.test(table))
  return { rules: rules.length, drops: dropping.map(({ table, chain, rule }) => `${table} ${chain}: ${rule}`) }
}

/**
 * Reads `iptables-save -t nat` and `nft list ruleset`: whether the Service address of the cluster's DNS has rules here. `state`:
 * `there`, `missing`, or `empty` where kube-proxy's table has no rules at all.
 */
export const readServiceRules: NamedReader = ([iptables, nft], facts) => {
  const [address] = facts.clusterDns ?? []
  if (address === undefined || iptables === undefined || nft === undefined) return undefined
  const own = nftRules(nft.text).filter(({ table }) => table === 'kube-proxy')
  const hasNft = /^table \w+ kube-proxy \{$/m.test(nft.text)
  const services = iptables.text.split('\n').filter((line) => /^-A KUBE-SERVICES /.test(line))
  const hasIptables = /^:KUBE-SERVICES /m.test(iptables.text)
  // Another program than kube-proxy may carry Services, without rules.
  if (!hasNft && !hasIptables) return undefined
  const isThere =
    services.some((line) => line.includes(`-d ${address}/32 `)) || (own.length > 0 && nft.text.includes(address))
  const isEmpty = services.length === 0 && own.length === 0
  return { address, rules: services.length + own.length, state: isThere ? 'there' : isEmpty ? 'empty' : 'missing' }
}

/** Rule that drops or rejects packets. `packets` is undefined where it has no counter. `chain` has its table where several are shown. */
export type Drop = { chain: string; what: string; packets: number | undefined }

/** What a list of firewall rules proves. */
export type FirewallRules = {
  kind: 'rules'
  /** Number of rules, and names of chains (with their table). */
  rules: number
  chains: ReadonlySet<string>
  /** Policies of base chains other than ACCEPT; `packets` that the policy dropped. */
  dropPolicies: readonly { chain: string; packets: number | undefined }[]
  drops: readonly Drop[]
  /** Chains and maps that rules lead to and that aren't shown. */
  continuations: readonly string[]
  /** Rules that leave the decision to a program (NFQUEUE). */
  queued: number
  /** Verdict maps of which an element drops, or leads elsewhere: name, and where to. */
  maps: readonly { name: string; leads: readonly string[] }[]
  /** What is shown: everything, or only a part, as `the nat table`. */
  part: string | undefined
  /** Option with which the program shows counters. Undefined where it has none. */
  countersBy: '-v' | '-c' | undefined
  /** Rules of the other kind of iptables that aren't shown, as the program says. */
  hidden: string | undefined
}

/** Rules while they are collected. */
export type Collected = {
  rules: number
  chains: Set<string>
  dropPolicies: { chain: string; packets: number | undefined }[]
  drops: Drop[]
  /** Targets of jumps, as `TABLE CHAIN`. */
  jumps: Set<string>
  queued: number
}

/** Returns an empty collection. */
export function emptyRules(): Collected {
  return { rules: 0, chains: new Set(), dropPolicies: [], drops: [], jumps: new Set(), queued: 0 }
}

/** Returns the targets of jumps to chains that aren't shown, without their table. */
export function findContinuations({ jumps, chains }: Pick<Collected, 'jumps' | 'chains'>): string[] {
  return [...jumps].filter((target) => !chains.has(target)).map((target) => target.slice(target.indexOf(' ') + 1))
}

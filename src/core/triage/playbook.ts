import type { Expression } from './expression.ts'

/** Facts about a target that words of a check may be; each is looked up for each target. */
export const factNames = [
  'apiServer',
  'clusterDns',
  'defaultInterface',
  'dnsPods',
  'endpoints',
  'nodeInterfaces',
  'ownPodCidrs',
  'peers',
  'podCidrs',
  'podInterface',
  'podIp',
  'serviceIp',
  'toHost',
  'toPort',
  'upstreams',
] as const

export type FactName = (typeof factNames)[number]

/** Facts about one target. A fact with several values is a list; one that isn't known is absent. */
export type Facts = Partial<Record<FactName, readonly string[]>>

/** Word of a check's command: a text, or a fact with a text before and after it; `each`: the value that a check repeats for. */
export type CheckWord = string | { fact: FactName | 'each'; before: string; after: string }

/** Kinds of objects that a check may read from the API server, as the person who asks. */
export const apiKinds = ['nodes', 'pods', 'events', 'endpoints', 'policies', 'leases'] as const
export type ApiKind = (typeof apiKinds)[number]

/** How an output becomes measures. */
export type ReaderUse =
  /** The lines of the output, by name. */
  | { kind: 'lines'; names: readonly string[] }
  /** Values of `name = value`, `name: value` or `name value`; `names` renames some and omits the others. */
  | { kind: 'pairs'; names?: Readonly<Record<string, string>> }
  /** Counters of `nstat`. */
  | { kind: 'nstat' }
  /** Values at paths of JSON: `0.operstate`. */
  | { kind: 'json'; paths: Readonly<Record<string, string>> }
  /** The number of lines, as `lines`; of an output that is too long to be kept too. */
  | { kind: 'count' }
  /** Sums of columns (from 1) of a table of words; `hex`: of hexadecimal numbers. */
  | { kind: 'table'; skip: number; columns: Readonly<Record<string, number>>; hex: boolean }
  /** What the tool's own reader measures. */
  | { kind: 'tool' }
  /** A reader of `readers.ts`, by its name. */
  | { kind: 'named'; name: string }

export type Severity = 'warn' | 'fail'

/** Condition on a value. It holds where one of its comparisons does. */
export type Condition = {
  above?: number
  below?: number
  is?: readonly (string | number)[]
  not?: readonly (string | number)[]
  /** Expression instead of the check's value. */
  value?: Expression
  /** Sentence, with measures in braces. */
  say?: string
}

export type Comparison = 'outliers' | 'majority'

export type Check = {
  name: string
  /** What the check looks at, in a few words. */
  title: string
  /** Commands of the check. Empty for a check of the API. */
  run: readonly (readonly CheckWord[])[]
  api?: ApiKind
  /** Where it runs: on the target itself, in pods alone, or on nodes alone: of a pod, on its node. */
  where: 'target' | 'pod' | 'node'
  /** Fact for each of whose values the check repeats. */
  each?: FactName
  /** Number of times that the commands run. */
  times: number
  /** Seconds between two readings, of which the growth counts. */
  twice?: number
  read: ReaderUse
  value: Expression
  unit?: string
  warn: readonly Condition[]
  fail: readonly Condition[]
  /** Checks that this one makes likely to fail. */
  explains: readonly string[]
  /** Checks whose failure makes this one meaningless. */
  skipWhen: readonly string[]
  compare?: Comparison
  /** Commands to type next. */
  next: readonly string[]
  /** How specific its cause is, from 1 to 3. */
  specificity: number
}

export type Playbook = {
  name: string
  /** File that an owner named; absent for those that ship with the program. */
  source?: string
  title: string
  for: 'node' | 'pod' | 'service'
  /** Patterns of alert names for which it proposes itself. */
  alerts: readonly string[]
  checks: readonly Check[]
}

/** Playbooks by name. */
export type Playbooks = ReadonlyMap<string, Playbook>

/** Returns a check by playbook and name. */
export function findCheck(playbooks: Playbooks, playbook: string, check: string): Check | undefined {
  return playbooks.get(playbook)?.checks.find(({ name }) => name === check)
}

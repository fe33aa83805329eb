import type { ToolOutput } from '#core/request/insight'
import { hasOption } from './arguments-of.ts'
import { type Collected, emptyRules, type FirewallRules, findContinuations } from './firewall-rules.ts'
import { linesOf } from './insight-helpers.ts'

/** Object of a table that is open while lines are read. */
type Block = { table: string; kind: string; name: string; lines: string[] }

/** Reads `nft list ruleset|table|chain|map` as text. */
export function readNft({ text, argv }: ToolOutput): FirewallRules | undefined {
  const part = partOf(argv)
  if (part === 'other') return undefined
  const blocks = parseBlocks(text)
  if (blocks === undefined) return undefined
  const rules = emptyRules()
  const maps: { name: string; leads: string[] }[] = []
  const used = new Set<string>()
  const isTerse = hasOption(argv, 't', '--terse')
  for (const block of blocks) {
    if (block.kind === 'chain') readChain(rules, used, block)
    else if (block.kind === 'map') {
      const leads = readMap(rules, block)
      if (leads.length > 0) maps.push({ name: block.name, leads })
    }
  }
  const shown = new Set(
    isTerse ? [] : blocks.filter(({ kind }) => kind === 'map').map(({ table, name }) => `${table} ${name}`),
  )
  const hiddenMaps = [...used].filter((name) => !shown.has(name)).map((name) => name.slice(name.indexOf(' ') + 1))
  const { jumps: _, ...collected } = rules
  return {
    kind: 'rules',
    ...collected,
    maps,
    continuations: [...findContinuations(rules), ...hiddenMaps.map((name) => `the map ${name}`)],
    part,
    countersBy: undefined,
    hidden: undefined,
  }
}

/** Returns what a `nft list` shows: undefined for all, `other` for what holds no rules. */
function partOf(argv: readonly string[]): string | undefined {
  const [, kind, ...names] = argv.slice(Math.max(1, argv.indexOf('list')))
  if (!argv.includes('list')) return undefined
  if (kind === 'ruleset') return names.length === 0 ? undefined : `${names.join(' ')} tables`
  if (kind === 'table') return `the table ${names.at(-1)}`
  if (kind === 'chain') return `the chain ${names.at(-1)}`
  return kind === 'map' ? `the map ${names.at(-1)}` : 'other'
}

/** Leaves out quoted texts and comments, which may hold any word. */
function withoutQuotes(line: string): string {
  const plain = line.replaceAll(/"[^"]*"/g, '""')
  const comment = plain.indexOf('#')
  return (comment === -1 ? plain : plain.slice(0, comment)).trim()
}

/** Parses the objects of all tables; undefined where the text isn't what nft lists. */
function parseBlocks(text: string): Block[] | undefined {
  const blocks: Block[] = []
  let table: string | undefined
  let open: Block | undefined
  let depth = 0
  for (const line of linesOf(text)) {
    const plain = withoutQuotes(line)
    const [, family, name] = depth === 0 ? (/^table (\w+) (\S+) \{(?:.*)?$/.exec(plain) ?? []) : []
    if (family !== undefined) table = `${family}/${name}`
    else if (depth === 1) {
      const [, kind, own] = /^(\w+(?: \w+)?) (\S+) \{/.exec(plain) ?? []
      open = kind === undefined || table === undefined ? undefined : { table, kind, name: own ?? '', lines: [] }
      if (open !== undefined) blocks.push(open)
    } else if (depth > 1 && !(depth === 2 && plain === '}')) open?.lines.push(line.trim())
    depth += openedBraces(plain)
  }
  return table === undefined || depth !== 0 ? undefined : blocks
}

function readChain(rules: Collected, used: Set<string>, { table, name: chain, lines }: Block): void {
  rules.chains.add(`${table} ${chain}`)
  for (const rule of joinLines(lines)) {
    const plain = withoutQuotes(rule)
    if (/^type \w+ hook /.test(plain)) {
      if (/\bpolicy drop\b/.test(plain)) rules.dropPolicies.push({ chain, packets: undefined })
      continue
    }
    if (plain === '' || plain.startsWith('comment ')) continue
    rules.rules += 1
    for (const [, target = ''] of plain.matchAll(/\b(?:jump|goto) ([^\s,;{}]+)/g)) rules.jumps.add(`${table} ${target}`)
    for (const [, map = ''] of plain.matchAll(/\bvmap @(\S+)/g)) used.add(`${table} ${map}`)
    if (/\bqueue\b/.test(plain)) rules.queued += 1
    if (!hasDrop(plain)) continue
    const [, packets] = /\bcounter packets (\d+) bytes \d+/.exec(plain) ?? []
    const what = rule.replace(/(?<!\s)\s*counter packets \d+ bytes \d+/, '')
    rules.drops.push({ chain, what, packets: packets === undefined ? undefined : Number(packets) })
  }
}

/** Returns how many more braces a line opens than it closes. */
function openedBraces(plain: string): number {
  return plain.split('{').length - plain.split('}').length
}

/** Returns true where a verdict of a rule or of an element drops. */
function hasDrop(plain: string): boolean {
  return /(?:^|[\s:])(?:drop|reject)(?=$|[\s,};])/.test(plain)
}

/** Returns where a map's elements lead; elements that drop count as drops. */
function readMap(rules: Collected, { table, name: map, lines }: Block): string[] {
  const plain = lines.map(withoutQuotes).join(' ')
  if (!/: verdict\b/.test(plain)) return []
  const leads: string[] = []
  for (const [, verdict = '', target = ''] of plain.matchAll(/: (drop|reject|jump|goto)\b(?: ([^\s,;{}]+))?/g)) {
    if (verdict === 'drop' || verdict === 'reject') {
      rules.drops.push({ chain: `the map ${map}`, what: verdict, packets: undefined })
      leads.push(verdict)
    } else {
      rules.jumps.add(`${table} ${target}`)
      leads.push(target)
    }
  }
  return [...new Set(leads)]
}

/** Joins the lines of rules that take several because of their braces. */
function joinLines(lines: readonly string[]): string[] {
  const rules: string[] = []
  let depth = 0
  for (const line of lines) {
    if (depth > 0) rules.push(`${rules.pop() ?? ''} ${line}`)
    else rules.push(line)
    const plain = withoutQuotes(line)
    depth += openedBraces(plain)
  }
  return rules
}

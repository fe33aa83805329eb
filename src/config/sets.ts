import type { CapabilitySet } from '#core/policy/policy'
import { type Capability, toCapability } from '#core/request/capability'
import type { DestinationRule } from '#core/request/destination'
import { bitsOf, toDestinationRule } from '#core/request/destinations'
import { type HostAccess, mergeNeeds, noNeeds } from '#core/request/tool'
import { nearest } from './did-you-mean.ts'
import type { Path } from './positions.ts'
import type { File } from './schema.ts'
import { checkApproval } from './subjects.ts'

/** Records a mistake or a warning about the value at a path. */
export type Note = (path: Path, message: string) => void

/** `talking`: those of the tools that talk to a host they are told. */
export type Names = { tools: readonly string[]; talking: readonly string[]; now: Date }

type FileSet = File['capabilitySets'][string]
type SetHouse = { file: File; names: Names; mistake: Note; warning: Note }

/** Seconds a tool of a set may run, where neither it nor a set that it extends says otherwise. */
const usualDeadline = 300

/** Seconds for which an approval may stand without anybody wondering. */
const longWindow = 3_600

/** Where clouds give a machine's credentials to whatever runs on it. */
const metadata = bitsOf('169.254.169.254')[0] ?? ''

/** The file's sets, each with what it has from those that it extends. */
export function toSets(context: SetHouse): CapabilitySet[] {
  const everywhere = toDenials(context.file.deny, ['deny'], context.mistake)
  return Object.entries(context.file.capabilitySets).map(([name, own]) => {
    const path = ['capabilitySets', name]
    const set = withBases(name, own, context)
    checkTools(own.tools, path, context)
    if (set.tools.length === 0 && own.extends.length === 0)
      context.mistake(path, `"${name}" has no tools; name them, or ['*'] for all`)
    checkDangers(name, { ...set, deny: [...everywhere, ...set.deny] }, path, context)
    if (own.approval !== undefined)
      checkApproval(name, own.approval, [...path, 'approval'], context.file, context.mistake)
    return { ...set, deny: [...everywhere, ...set.deny] }
  })
}

/** The set with everything of its bases: it adds to them and takes nothing away, least of all an approval. */
function withBases(name: string, own: FileSet, context: SetHouse, seen: readonly string[] = []): CapabilitySet {
  const path = ['capabilitySets', name]
  const bases = own.extends.flatMap((base, at) => {
    const found = Object.hasOwn(context.file.capabilitySets, base) ? context.file.capabilitySets[base] : undefined
    const sets = Object.keys(context.file.capabilitySets)
    if (found === undefined)
      context.mistake([...path, 'extends', at], `there is no capability set "${base}"${nearest(base, sets)}`)
    else if (base === name || seen.includes(base))
      context.mistake([...path, 'extends', at], `"${base}" extends itself, by way of "${name}"`)
    else return [withBases(base, found, context, [...seen, name])]
    return []
  })
  return merged(name, own, bases, path, context)
}

function merged(
  name: string,
  own: FileSet,
  bases: readonly CapabilitySet[],
  path: Path,
  context: SetHouse,
): CapabilitySet {
  const capabilities = toCapabilities(own.capabilities, path, context.mistake)
  const asked = bases.map(({ approval }) => approval).filter((each) => each !== undefined)
  const [approval = own.approval, ...others] = own.approval === undefined ? asked : [own.approval]
  if (others.some((each) => JSON.stringify(each) !== JSON.stringify(approval)))
    context.mistake(
      [...path, 'extends'],
      `these ask for different approvals; say in "approval" which holds for "${name}"`,
    )
  const host: HostAccess = { filesystem: own.host?.filesystem ?? 'none', pid: own.host?.pid ?? false }
  const all = [...bases, { ...own, capabilities, host, effect: own.effect ?? ('read' as const) }]
  // The widest of all of them, part by part, as requests are merged too.
  const needs = all.reduce(
    (sum, each) => mergeNeeds(sum, { ...noNeeds, host: each.host, effect: each.effect }),
    noNeeds,
  )
  const deadlines = bases.map(({ maxDeadline }) => maxDeadline)
  return {
    name,
    tools: union(all.map(({ tools }) => tools)),
    capabilities: union(all.map((each) => each.capabilities)),
    host: needs.host,
    effect: needs.effect,
    unconfined: union(all.map(({ unconfined }) => unconfined)),
    images: union(all.map(({ images }) => images)),
    maxDeadline: own.maxDeadline ?? (deadlines.length === 0 ? usualDeadline : Math.max(...deadlines)),
    deny: [...bases.flatMap(({ deny }) => deny), ...toDenials(own.deny, [...path, 'deny'], context.mistake)],
    ...(all.some((each) => each.keep !== undefined) ? { keep: false } : {}),
    ...(approval === undefined ? {} : { approval }),
  }
}

function union<T>(lists: readonly (readonly T[])[]): T[] {
  return [...new Set(lists.flat())]
}

function toCapabilities(words: readonly string[], path: Path, mistake: Note): Capability[] {
  return words.flatMap((word, index) => {
    const capability = toCapability(word)
    if (capability !== undefined) return [capability]
    mistake([...path, 'capabilities', index], `there is no Linux capability "${word}"`)
    return []
  })
}

function toDenials(words: readonly string[], path: Path, mistake: Note): DestinationRule[] {
  return words.flatMap((word, index) => {
    const denied = toDestinationRule(word)
    if (denied !== undefined) return [denied]
    mistake([...path, index], `"${word}" is no destination; write 169.254.169.254, 10.0.0.0/8 or *.internal.example`)
    return []
  })
}

function checkTools(tools: readonly string[], path: Path, { names, mistake }: SetHouse): void {
  for (const [index, tool] of tools.entries()) {
    const base = tool.split(' ')[0] ?? ''
    if (tool !== '*' && !names.tools.includes(base))
      mistake([...path, 'tools', index], `there is no tool "${tool}"${nearest(base, names.tools)}`)
  }
}

function checkDangers(name: string, set: CapabilitySet, path: Path, { file, names, mistake, warning }: SetHouse): void {
  const wide = set.capabilities.filter((each) => each === 'ALL' || each === 'SYS_ADMIN')
  if (wide.length > 0)
    warning([...path, 'capabilities'], `"${name}" gives ${wide.join(' and ')}: that is root on the node`)
  if (set.host.filesystem === 'read-write' && set.approval === undefined)
    warning(path, `"${name}" lets people write to the node's disk without anybody's approval`)
  if (set.host.filesystem === 'read-write' && set.effect === 'read')
    mistake(path, `"${name}" mounts the node's disk writable, so it needs "effect: write"`)
  const talks = set.tools.some((tool) => tool === '*' || names.talking.includes(tool))
  if (talks && !set.deny.some((denied) => 'bits' in denied && metadata.startsWith(denied.bits)))
    warning(path, metadataWarning(name))
  if (set.approval?.confirm !== undefined && file.confirm === undefined)
    mistake(
      [...path, 'approval', 'confirm'],
      `"${name}" wants a passkey; say in "confirm: { url }" where browsers reach the bot`,
    )
  if (set.approval?.breakGlass?.includes('*') === true)
    warning([...path, 'approval', 'breakGlass'], `everybody may go on without the approval of "${name}"`)
  if ((set.approval?.window ?? 0) > longWindow)
    warning([...path, 'approval', 'window'], `one approval of "${name}" stands for more than an hour`)
}

const metadataWarning = (name: string) =>
  `"${name}" can reach the cloud's metadata service, which gives out the node's credentials: put 169.254.169.254 into "deny"`

import type { CapabilitySet } from '#core/policy/policy'
import { bitsOf } from '#core/request/address-bits'
import { type Capability, toCapability } from '#core/request/capability'
import type { DestinationRule } from '#core/request/match-destination'
import { toDestinationRule } from '#core/request/resolve-destinations'
import { type HostAccess, mergeNeeds, noNeeds, upload } from '#core/request/tool'
import { apiKinds } from '#core/triage/playbook'
import { defined } from '#core/util/defined'
import type { Note, Path } from '#src/yaml/positions'
import { checkApproval } from './check-subjects.ts'
import { nearest } from './did-you-mean.ts'
import type { File } from './schema.ts'
import { checkShells, toTerminalRule, unenforced } from './terminal-rules.ts'

/**
 * Names of the known tools. `talking` are those that connect to a host in their arguments, `printing` those that print
 * files. `now` is the current time.
 */
export type Names = { tools: readonly string[]; talking: readonly string[]; printing: readonly string[]; now: Date }

type FileSet = File['capabilitySets'][string]
type SetContext = { file: File; names: Names; mistake: Note; warning: Note }

/** Rights of checks of triage to read objects of the API server. */
const apiRights: readonly string[] = apiKinds.map((kind) => `api ${kind}`)

/** Default of a set's `maxDeadline` in seconds, where neither the set nor one that it extends specifies it. */
const defaultDeadlineSeconds = 300

/** Maximum approval window in seconds that causes no warning. */
const maxUnremarkableWindowSeconds = 3_600

/** Address of the cloud metadata service, as bits. It gives a machine's credentials to any program on the machine. */
const metadataBits = bitsOf('169.254.169.254')[0] ?? ''

/** Returns the sets of the file, each merged with the sets that it extends. Reports mistakes and warnings. */
export function toSets(context: SetContext): CapabilitySet[] {
  const globalDenials = toDenials(context.file.deny, ['deny'], context.mistake)
  return Object.entries(context.file.capabilitySets).map(([name, own]) => {
    const path = ['capabilitySets', name]
    const set = mergeBases(name, own, context)
    checkTools(own.tools, path, context)
    const isShell = set.terminal !== undefined
    const givesMore = isShell || set.recordings !== undefined
    if (set.tools.length === 0 && own.extends.length === 0 && !givesMore)
      context.mistake(path, `"${name}" has no tools; list them, or use ['*'] for all`)
    checkDangers(name, { ...set, deny: [...globalDenials, ...set.deny] }, path, context)
    checkShells({ ...set, deny: [...globalDenials, ...set.deny] }, path, context)
    if (own.approval !== undefined && own.approval !== 'none')
      checkApproval(name, own.approval, [...path, 'approval'], context.file, context.mistake)
    return { ...set, deny: [...globalDenials, ...set.deny] }
  })
}

/** Merges a set with the sets that it extends. It adds to them and removes nothing, in particular no approval. */
function mergeBases(name: string, own: FileSet, context: SetContext, seen: readonly string[] = []): CapabilitySet {
  const path = ['capabilitySets', name]
  const bases = own.extends.flatMap((base, at) => {
    const found = Object.hasOwn(context.file.capabilitySets, base) ? context.file.capabilitySets[base] : undefined
    const sets = Object.keys(context.file.capabilitySets)
    if (found === undefined)
      context.mistake([...path, 'extends', at], `there is no capability set "${base}"${nearest(base, sets)}`)
    else if (base === name || seen.includes(base))
      context.mistake([...path, 'extends', at], `"${base}" extends itself through "${name}"`)
    else return [mergeBases(base, found, context, [...seen, name])]
    return []
  })
  return mergeSets(name, own, bases, path, context)
}

function mergeSets(
  name: string,
  own: FileSet,
  bases: readonly CapabilitySet[],
  path: Path,
  context: SetContext,
): CapabilitySet {
  const capabilities = toCapabilities(own.capabilities, path, context.mistake)
  const baseApprovals = bases.map(({ approval }) => approval).filter((each) => each !== undefined)
  const ownApproval = own.approval === 'none' ? undefined : own.approval
  const [approval = ownApproval, ...others] = ownApproval === undefined ? baseApprovals : [ownApproval]
  if (others.some((each) => JSON.stringify(each) !== JSON.stringify(approval)))
    context.mistake(
      [...path, 'extends'],
      `these sets require different approvals; say in "approval" which one applies to "${name}"`,
    )
  const host: HostAccess = { filesystem: own.host?.filesystem ?? 'none', pid: own.host?.pid ?? false }
  const all = [...bases, { ...own, capabilities, host, effect: own.effect ?? ('read' as const) }]
  // The widest access of all sets for each part, in the same way as requests are merged.
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
    maxDeadline: own.maxDeadline ?? (deadlines.length === 0 ? defaultDeadlineSeconds : Math.max(...deadlines)),
    deny: [...bases.flatMap(({ deny }) => deny), ...toDenials(own.deny, [...path, 'deny'], context.mistake)],
    ...toTerminalRule(own, bases, path, context.mistake),
    ...(all.some((each) => each.recordings !== undefined) ? { recordings: 'raw' } : {}),
    ...(all.some((each) => each.keep !== undefined) ? { keep: false } : {}),
    ...defined({ approval }),
  }
}

function union<T>(lists: readonly (readonly T[])[]): T[] {
  return [...new Set(lists.flat())]
}

function toCapabilities(texts: readonly string[], path: Path, mistake: Note): Capability[] {
  return texts.flatMap((text, index) => {
    const capability = toCapability(text)
    if (capability !== undefined) return [capability]
    mistake([...path, 'capabilities', index], `there is no Linux capability "${text}"`)
    return []
  })
}

function toDenials(texts: readonly string[], path: Path, mistake: Note): DestinationRule[] {
  return texts.flatMap((text, index) => {
    if (text === unenforced && path.length > 1) return []
    const denied = toDestinationRule(text)
    if (denied !== undefined) return [denied]
    mistake(
      [...path, index],
      `"${text}" is not a valid destination; use 169.254.169.254, 10.0.0.0/8 or *.internal.example`,
    )
    return []
  })
}

function checkTools(tools: readonly string[], path: Path, { names, mistake }: SetContext): void {
  for (const [index, tool] of tools.entries()) {
    const base = tool.split(' ')[0] ?? ''
    const isKnown = names.tools.includes(base) || apiRights.includes(tool)
    if (tool !== '*' && tool !== upload.name && !isKnown)
      mistake([...path, 'tools', index], `there is no tool "${tool}"${nearest(base, names.tools)}`)
  }
}

function checkDangers(
  name: string,
  set: CapabilitySet,
  path: Path,
  { file, names, mistake, warning }: SetContext,
): void {
  // Such a set is root on the node by what it is for, and another person approves that.
  const isApprovedRoot = set.host.filesystem === 'read-write' && set.approval !== undefined
  const dangerous = isApprovedRoot ? [] : set.capabilities.filter((each) => each === 'ALL' || each === 'SYS_ADMIN')
  if (dangerous.length > 0)
    warning([...path, 'capabilities'], `"${name}" gives ${dangerous.join(' and ')}: that is root on the node`)
  const printing = names.printing.find((tool) => set.tools.includes(tool) || set.tools.includes('*'))
  if (
    !isApprovedRoot &&
    printing !== undefined &&
    set.host.pid &&
    tracing.some((each) => set.capabilities.includes(each))
  )
    warning([...path, 'capabilities'], toProcessWarning(name, printing))
  if (set.host.filesystem === 'read-write' && set.approval === undefined)
    warning(path, `"${name}" lets people write to the node's disk without approval`)
  if (set.host.filesystem === 'read-write' && set.effect === 'read')
    mistake(path, `"${name}" mounts the node's disk writable, so it needs "effect: write"`)
  const connects = set.tools.some((tool) => tool === '*' || names.talking.includes(tool))
  if (connects && !set.deny.some((denied) => 'bits' in denied && metadataBits.startsWith(denied.bits)))
    warning(path, toMetadataWarning(name))
  if (set.approval?.confirm !== undefined && file.confirm === undefined)
    mistake(
      [...path, 'approval', 'confirm'],
      `"${name}" requires a passkey; set "confirm: { url }" to the URL at which browsers reach the bot`,
    )
  if (set.approval?.confirm !== undefined && set.terminal !== undefined) checkPasskeyAddresses(set, file, path, mistake)
  if (set.approval?.breakGlass?.includes('*') === true)
    warning([...path, 'approval', 'breakGlass'], `everybody may skip the approval of "${name}" with break-glass`)
  if ((set.approval?.window ?? 0) > maxUnremarkableWindowSeconds)
    warning([...path, 'approval', 'window'], `one approval of "${name}" covers further requests for more than an hour`)
}

/** Reports addresses between which no passkey works: a browser uses one on the host that added it, and on hosts below that. */
function checkPasskeyAddresses({ name }: CapabilitySet, { confirm, terminal }: File, path: Path, mistake: Note): void {
  if (confirm === undefined || terminal === undefined) return
  const added = new URL(confirm.url).hostname
  const used = new URL(terminal.url).hostname
  if (used === added || used.endsWith(`.${added}`)) return
  mistake(
    [...path, 'approval', 'confirm'],
    `a shell of "${name}" opens with a passkey, which "confirm: { url }" adds for ${added}; so the host of "terminal: { url }" has to be ${added} or end with .${added}`,
  )
}

/** Capabilities that open the files of every process. */
const tracing: readonly Capability[] = ['SYS_PTRACE', 'SYS_ADMIN', 'ALL']

const toProcessWarning = (name: string, tool: string) =>
  `"${name}" has the node's processes, the right to trace them and ${tool}: by /proc/PID/root that opens the node's disk and every container. It is refused where no set names "${tool} /proc/PID"; better give ${tool} by another set`

const toMetadataWarning = (name: string) =>
  `"${name}" can reach the cloud's metadata service, which gives out the node's credentials: add 169.254.169.254 to "deny"`

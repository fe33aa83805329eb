import { type Capability, capabilitiesBeyond } from '#core/request/capability'
import type { Destination } from '#core/request/match-destination'
import type { ToolRequest } from '#core/request/request'
import { type Target, targetText } from '#core/request/target'
import { type Confinement, type Effect, type HostAccess, isMoreAccess, type SpecialArgument } from '#core/request/tool'
import type { DebugSpec } from '#core/runs/debug-spec'
import { canonicalJson } from '#core/util/canonical-json'
import { formatPipeline } from '#core/util/quote'
import { secondsText } from '#core/util/units'

/** Everything that a run may do, independent of its exact arguments. */
export type Powers = {
  target: Target
  /** UID of the target's object, and the node it is on. */
  uid: string
  node: string
  effect: Effect
  /** Tools that may change the target by their own arguments. */
  changingTools: readonly string[]
  /** Stages of which nothing is known, as whole command lines: such a program may do anything, by its arguments. */
  unknownCalls: readonly string[]
  capabilities: readonly Capability[]
  host: HostAccess
  confinement: Confinement
  user: DebugSpec['user']
  /** Names of what `specialArguments` returns. */
  special: readonly string[]
  destinations: readonly Destination[]
  /** Folders of the node that appear empty. */
  masked: readonly string[]
  image: string
  /** Seconds. */
  deadline: number
}

/** Returns what a run of this request may do. */
export function powersOf(
  request: Pick<ToolRequest, 'target' | 'needs' | 'pipeline' | 'destinations'>,
  spec: DebugSpec,
): Powers {
  const { target, needs, pipeline, destinations } = request
  return {
    target,
    uid: spec.targetUid,
    node: spec.node,
    effect: needs.effect,
    changingTools: unique(pipeline.flatMap(({ changes, tool, tools }) => (changes ? [tool, ...tools] : []))),
    unknownCalls: unique(pipeline.flatMap(({ known, argv }) => (known ? [] : [formatPipeline([argv])]))),
    capabilities: spec.capabilities,
    host: spec.host,
    confinement: spec.confinement,
    user: spec.user,
    special: unique(specialArguments(request).map(({ name }) => name)),
    destinations,
    masked: spec.masked,
    image: spec.image,
    deadline: spec.deadline,
  }
}

/** Returns the special arguments of a request, and those that lead a tool to other hosts than it names. */
export function specialArguments({ pipeline }: Pick<ToolRequest, 'pipeline'>): readonly SpecialArgument[] {
  return pipeline.flatMap(({ special, detours = [] }) => [...special, ...detours])
}

const unique = (names: readonly string[]) => [...new Set(names)]

/** Returns one way in which `asked` exceeds `approved`, as text that completes "it was not approved: …". */
type Check = (asked: Powers, approved: Powers) => string | undefined

const checks: readonly Check[] = [
  findTargetBeyond,
  findToolBeyond,
  findCapabilityBeyond,
  findHostBeyond,
  findConfinementBeyond,
  findDestinationBeyond,
  findLimitBeyond,
]

/**
 * Returns the first power of `asked` that `approved` doesn't have, as text; undefined where `asked` may do nothing
 * that wasn't approved. Pure and total.
 */
export function findPowerBeyond(asked: Powers, approved: Powers): string | undefined {
  for (const check of checks) {
    const beyond = check(asked, approved)
    if (beyond !== undefined) return beyond
  }
  return undefined
}

function findTargetBeyond(asked: Powers, approved: Powers): string | undefined {
  const isSame =
    canonicalJson([asked.target, asked.uid, asked.node]) ===
    canonicalJson([approved.target, approved.uid, approved.node])
  return isSame ? undefined : `the target ${targetText(asked.target)}`
}

function findToolBeyond(asked: Powers, approved: Powers): string | undefined {
  if (asked.effect === 'write' && approved.effect === 'read') return 'changing the target'
  const call = asked.unknownCalls.find((each) => !approved.unknownCalls.includes(each))
  if (call !== undefined) return `exactly this call of a program that isn't in the catalogue: ${call}`
  const tool = asked.changingTools.find((each) => !approved.changingTools.includes(each))
  if (tool !== undefined) return `changing the target with ${tool}`
  const special = asked.special.find((each) => !approved.special.includes(each))
  return special === undefined ? undefined : `the argument ${special}`
}

function findCapabilityBeyond(asked: Powers, approved: Powers): string | undefined {
  const missing = capabilitiesBeyond(asked.capabilities, approved.capabilities)
  return missing.length === 0 ? undefined : missing.join(', ')
}

function findHostBeyond(asked: Powers, approved: Powers): string | undefined {
  const { filesystem, pid } = asked.host
  if (isMoreAccess(filesystem, approved.host.filesystem)) return `${filesystem} access to the node's disk`
  // A read-only mount without its masks reaches the container runtime.
  const opened = filesystem === 'read-only' && approved.host.filesystem === 'read-only'
  const folder = opened ? approved.masked.find((each) => !asked.masked.includes(each)) : undefined
  if (folder !== undefined) return `the node's ${folder}`
  if (pid && !approved.host.pid) return "the node's processes"
  return asked.user === 'root' && approved.user !== 'root' ? 'running as root' : undefined
}

function findConfinementBeyond(asked: Powers, approved: Powers): string | undefined {
  const open = (['apparmor', 'seccomp'] as const).find(
    (each) => asked.confinement[each] === 'unconfined' && approved.confinement[each] !== 'unconfined',
  )
  return open === undefined ? undefined : `running without ${open}`
}

function findDestinationBeyond(asked: Powers, approved: Powers): string | undefined {
  const missing = asked.destinations.find((each) => !approved.destinations.some((known) => isSameHost(each, known)))
  return missing === undefined ? undefined : `the destination ${missing.word}`
}

/**
 * Returns true where both are certainly the same host: the same word, or only names and addresses that the approved one
 * has. An approved host that is only mentioned isn't one that the tool may connect to.
 */
function isSameHost(asked: Destination, approved: Destination): boolean {
  if (approved.mentioned && !asked.mentioned) return false
  if (asked.word === approved.word) return true
  if (asked.many || approved.many || asked.names.length + asked.addresses.length === 0) return false
  const isPart = (part: readonly string[], all: readonly string[]) => part.every((each) => all.includes(each))
  return isPart(asked.names, approved.names) && isPart(asked.addresses, approved.addresses)
}

function findLimitBeyond(asked: Powers, approved: Powers): string | undefined {
  if (asked.image !== approved.image) return `the image ${asked.image}`
  return asked.deadline > approved.deadline ? `a deadline of ${secondsText(asked.deadline)}` : undefined
}

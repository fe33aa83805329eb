import type { Capability } from '#core/request/capability'
import { readUnknown, speakers } from '#core/request/file-access'
import type { Destination } from '#core/request/match-destination'
import type { Stage } from '#core/request/request'
import {
  type Catalogue,
  type HostAccess,
  mergeNeeds,
  type Needs,
  noNeeds,
  type Reading,
  type Tool,
  upload,
} from '#core/request/tool'
import { defined } from '#core/util/defined'
import { findDestinations, findDetours } from './find-destinations.ts'
import { isHarmlessInput } from './harmless-piped-input.ts'
import { toAsciiName } from './hosts-to-punycode.ts'
import { parseError } from './misunderstood.ts'
import type { ParseError, ShellCommand, ShellFlags } from './parsed-shell-command.ts'

/**
 * Execution plan of a `shell` command: what runs, what it needs, and as texts (`added`) what was added to the typed
 * command. `image` is `repo:version` where it differs from the configured image.
 */
export type Plan = { pipeline: Stage[]; needs: Needs; destinations: Destination[]; added: string[]; image?: string }

/** `given`: as typed; `asked`: with names as DNS has them. */
type ReadStage = {
  name: string
  tool: Tool | undefined
  given: readonly string[]
  asked: readonly string[]
  reading: Reading
}

/**
 * Derives a command's needs from its arguments. With any of -c, -m, -w or --host-pid, it gets exactly what they request.
 * Returns a parse error for arguments that are never run (`refused-argument`), a filter without input (`no-input`), and
 * access to the node from a pod target (`node-only`).
 */
export function plan(
  command: Pick<ShellCommand, 'flags' | 'pipeline' | 'notes'> & { target: Pick<ShellCommand['target'], 'kind'> },
  catalogue: Catalogue,
  configuredImage: { repo: string; version: string },
): Plan | ParseError {
  const { flags, target } = command
  const read = command.pipeline.map((argv) => readStage(argv, catalogue, target.kind))
  const stages = addSpokenInput(addUploads(read))
  const problem = findStageProblem(stages)
  if (problem !== undefined) return problem
  const explicit = isExplicit(flags)
  const needs = addConfinement(explicit ? toExplicitNeeds(flags, stages) : mergeStageNeeds(stages), flags)
  const needsNode = needs.host.filesystem !== 'none' || needs.host.pid
  if (target.kind === 'pod' && needsNode) return refuseNodeAccess(stages)
  const image = findOtherImage(flags, configuredImage)
  return {
    pipeline: stages.map((stage) => toStage(stage, catalogue, explicit)),
    needs,
    destinations: collectDestinations(stages, catalogue),
    added: [
      ...new Set([
        ...(command.notes ?? []),
        ...(explicit ? [] : stages.flatMap(describeAdded)),
        ...stages.flatMap(({ reading }) => reading.notes),
      ]),
    ],
    ...defined({ image }),
  }
}

function readStage(given: readonly string[], catalogue: Catalogue, on: 'node' | 'pod'): ReadStage {
  const [name = ''] = given
  const tool = catalogue.tool(name)
  const asked = withAsciiNames(given, tool)
  const reading = tool?.read(asked, on) ?? { ...readUnknown(given, on), detours: findDetours(given, catalogue.tool) }
  const renamed = asked.flatMap((word, at) => (word === given[at] ? [] : [`${given[at]} is asked as ${word}`]))
  return {
    name: tool?.name ?? name,
    tool,
    given,
    asked,
    reading: { ...reading, notes: [...reading.notes, ...renamed] },
  }
}

/** Returns an argv with the names of hosts, and those that a tool asks a name server for, as DNS has them. */
function withAsciiNames(argv: readonly string[], tool: Tool | undefined): readonly string[] {
  if (tool?.reaches === undefined) return argv
  const hosts = new Set(tool.reaches(argv))
  const isName = (word: string, at: number) => at > 0 && (hosts.has(word) || tool.hostNotation === 'server')
  return argv.map((word, at) => (isName(word, at) ? toAsciiName(word) : word))
}

/** Adds the special argument `upload` to each stage that sends to another host what an earlier stage discloses (T45). */
function addUploads(stages: readonly ReadStage[]): ReadStage[] {
  const discloses = ({ name, reading }: ReadStage) => reading.discloses && !reading.filter && !speakers.has(name)
  return stages.map((stage, at) => {
    const { special, sendsInput } = stage.reading
    if (!sendsInput || !stages.slice(0, at).some(discloses) || special.includes(upload)) return stage
    return { ...stage, reading: { ...stage.reading, special: [...special, upload] } }
  })
}

/** Makes each stage count as changing its target that sends on what an earlier one prints, unless that is known to only ask. */
function addSpokenInput(stages: readonly ReadStage[]): ReadStage[] {
  return stages.map((stage, at) => {
    const spoken = stages.slice(0, at).some(({ reading }) => reading.speaks !== undefined)
    if (!spoken || !stage.reading.sendsInput) return stage
    const input = stages[at - 1]?.reading.speaks
    if (input !== undefined && isHarmlessInput(input)) return stage
    const needs: Needs = { ...stage.reading.needs, effect: 'write' }
    const notes = [...stage.reading.notes, `${stage.name} sends that text, which may change something there`]
    return { ...stage, reading: { ...stage.reading, needs, notes } }
  })
}

function findStageProblem(stages: readonly ReadStage[]): ParseError | undefined {
  const refusal = stages.map(({ reading }) => reading.refusal).find((each) => each !== undefined)
  if (refusal !== undefined) {
    const { why, instead } = refusal
    return parseError('refused-argument', instead === undefined ? why : `${why} ${instead}`)
  }
  const [first] = stages
  if (first?.reading.filter !== true) return undefined
  const message = `${first.name} reads the output of the tool before it: \`dig example.org | ${first.name} …\`, or name a file.`
  return parseError('no-input', message)
}

/** Returns the hosts of each tool of the stages, and of the tools that they run. */
function collectDestinations(stages: readonly ReadStage[], catalogue: Catalogue): Destination[] {
  const found = stages.flatMap(({ tool, asked: given, reading }) => {
    const inner = reading.runs.map((name) => {
      const at = given.findIndex((word, index) => index > 0 && (catalogue.tool(word)?.name ?? word) === name)
      return { argv: given.slice(Math.max(0, at)), tool: catalogue.tool(name) }
    })
    return [{ argv: given, tool }, ...inner].flatMap((call) => findDestinations(call, catalogue.tool))
  })
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()]
}

function isExplicit(flags: ShellFlags): boolean {
  const { capabilities, mountHostFilesystem, allowHostFilesystemWrite, hostPid } = flags
  return capabilities !== undefined || mountHostFilesystem || allowHostFilesystemWrite || hostPid
}

function mergeStageNeeds(stages: readonly ReadStage[]): Needs {
  return stages.reduce<Needs>((needs, { reading }) => mergeNeeds(needs, reading.needs), noNeeds)
}

function toExplicitNeeds(flags: ShellFlags, stages: readonly ReadStage[]): Needs {
  const filesystem: HostAccess['filesystem'] = flags.allowHostFilesystemWrite
    ? 'read-write'
    : flags.mountHostFilesystem
      ? 'read-only'
      : 'none'
  const capabilities: readonly Capability[] = flags.capabilities ?? []
  return {
    ...noNeeds,
    capabilities,
    host: stages.some(({ reading }) => reading.throughProcess)
      ? { filesystem: filesystem === 'none' ? 'read-only' : filesystem, pid: true }
      : { filesystem, pid: flags.hostPid },
    // With a writable node file system, any tool can change the node.
    effect: filesystem === 'read-write' ? 'write' : mergeStageNeeds(stages).effect,
    user: 'root',
  }
}

function addConfinement(needs: Needs, flags: ShellFlags): Needs {
  return {
    ...needs,
    effect: needs.host.filesystem === 'read-write' ? 'write' : needs.effect,
    confinement: {
      apparmor: flags.apparmorUnconfined ? 'unconfined' : needs.confinement.apparmor,
      seccomp: flags.seccompUnconfined ? 'unconfined' : needs.confinement.seccomp,
    },
  }
}

function refuseNodeAccess(stages: readonly ReadStage[]): ParseError {
  const toolNames = stages.filter(({ reading }) => reading.needs.host.filesystem !== 'none' || reading.needs.host.pid)
  const subject = toolNames.map(({ name }) => name).join(', ') || 'This'
  return parseError(
    'node-only',
    `${subject} needs access to the node, which a pod does not have. Name the pod's node as the target.`,
  )
}

function toStage({ name, tool, given, reading }: ReadStage, catalogue: Catalogue, explicit: boolean): Stage {
  const toolNames = [name, ...reading.runs]
  // With explicit flags only filters are known to need none of what was requested.
  const needsNoCapability = explicit ? reading.filter : reading.needs.capabilities.length === 0
  return {
    tool: name,
    given,
    argv: reading.viaChroot && !explicit ? ['chroot', '/host', ...reading.argv] : reading.argv,
    tools: reading.filter || reading.speaks !== undefined ? [] : toolNames,
    special: reading.special,
    ...(needsNoCapability ? { bare: true } : {}),
    ...(reading.needs.effect === 'write' ? { changes: true } : {}),
    ...(reading.detours.length === 0 ? {} : { detours: reading.detours }),
    known: tool !== undefined && reading.runs.every((each) => catalogue.tool(each) !== undefined),
  }
}

/** Returns texts about what was added to a stage without being typed. */
function describeAdded({ name, tool, reading }: ReadStage): string[] {
  const { capabilities, host } = reading.needs
  return [
    ...(tool === undefined ? [`${name} is unknown, so it counts as changing the target`] : []),
    ...(reading.viaChroot ? [`\`chroot /host\` before ${name}, to run the node's own`] : []),
    ...(capabilities.length === 0 ? [] : [`${capabilities.join(' and ')} for ${name}`]),
    ...(host.filesystem === 'none' ? [] : [`the node's file system under /host, ${host.filesystem}, for ${name}`]),
    ...(host.pid ? [`the node's process IDs for ${name}`] : []),
  ]
}

/** Returns `repo:version` where the flags name another image than the configured one. */
function findOtherImage(flags: ShellFlags, configured: { repo: string; version: string }): string | undefined {
  const repo = flags.imageRepo ?? configured.repo
  const version = flags.imageVersion ?? configured.version
  if (repo === configured.repo && version === configured.version) return undefined
  return `${repo}:${version}`
}

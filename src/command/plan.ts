import type { Capability } from '#core/request/capability'
import type { Destination } from '#core/request/destination'
import { toDestination } from '#core/request/destinations'
import type { Stage } from '#core/request/request'
import {
  type Catalogue,
  type HostAccess,
  mergeNeeds,
  type Needs,
  noNeeds,
  type Reading,
  type Tool,
} from '#core/request/tool'
import type { ParseError, ShellCommand, ShellFlags } from './command.ts'
import { parseError } from './misunderstood.ts'

/** What a `shell` command comes to: what runs, what it needs, and in words what was added to what was typed. */
export type Plan = { pipeline: Stage[]; needs: Needs; destinations: Destination[]; added: string[]; image?: string }

type ReadStage = { name: string; tool: Tool | undefined; given: readonly string[]; reading: Reading }

/**
 * Works out what a command needs. With any of -c, -m, -w, --host-pid given, exactly what was asked for is what it gets.
 * Answers a misunderstanding for arguments that are never run (`refused-argument`), a filter with nothing to read
 * (`no-input`), and what only a node can give to a pod (`node-only`).
 */
export function plan(
  command: Pick<ShellCommand, 'flags' | 'pipeline'> & { target: Pick<ShellCommand['target'], 'kind'> },
  catalogue: Catalogue,
  configuredImage: { repo: string; version: string },
): Plan | ParseError {
  const { flags, target } = command
  const stages = command.pipeline.map((argv) => readStage(argv, catalogue, target.kind))
  const problem = stageProblem(stages)
  if (problem !== undefined) return problem
  const explicit = isExplicit(flags)
  const needs = withConfinement(explicit ? askedNeeds(flags, stages) : workedOutNeeds(stages), flags)
  const wantsNode = needs.host.filesystem !== 'none' || needs.host.pid
  if (target.kind === 'pod' && wantsNode) return nodeOnly(stages)
  const image = otherImage(flags, configuredImage)
  return {
    pipeline: stages.map((stage) => toStage(stage, catalogue, explicit)),
    needs,
    destinations: destinationsOf(stages, catalogue),
    added: [
      ...new Set([...(explicit ? [] : stages.flatMap(addedFor)), ...stages.flatMap(({ reading }) => reading.notes)]),
    ],
    ...(image === undefined ? {} : { image }),
  }
}

function readStage(argv: readonly string[], catalogue: Catalogue, on: 'node' | 'pod'): ReadStage {
  const [name = ''] = argv
  const tool = catalogue.tool(name)
  return { name: tool?.name ?? name, tool, given: argv, reading: tool?.read(argv, on) ?? unknownTool(argv) }
}

/** Of a tool that nobody has described, everything may be expected. */
function unknownTool(argv: readonly string[]): Reading {
  const needs: Needs = { ...noNeeds, effect: 'write' }
  return { needs, argv, notes: [], filter: false, viaChroot: false, runs: [], special: [] }
}

function stageProblem(stages: readonly ReadStage[]): ParseError | undefined {
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

/** The hosts that tools are pointed at: of each tool that talks to one, and of any that nobody has described. */
function destinationsOf(stages: readonly ReadStage[], catalogue: Catalogue): Destination[] {
  const words = stages.flatMap(({ name, given, reading }) =>
    [name, ...reading.runs].flatMap((each, at) => {
      const argv = at === 0 ? given : given.slice(Math.max(0, given.indexOf(each)))
      const tool = catalogue.tool(each)
      return tool === undefined ? argv.slice(1) : (tool.reaches?.(argv) ?? [])
    }),
  )
  return [...new Set(words)].flatMap((word) => toDestination(word) ?? [])
}

function isExplicit(flags: ShellFlags): boolean {
  const { capabilities, mountHostFilesystem, allowHostFilesystemWrite, hostPid } = flags
  return capabilities !== undefined || mountHostFilesystem || allowHostFilesystemWrite || hostPid
}

function workedOutNeeds(stages: readonly ReadStage[]): Needs {
  return stages.reduce<Needs>((needs, { reading }) => mergeNeeds(needs, reading.needs), noNeeds)
}

function askedNeeds(flags: ShellFlags, stages: readonly ReadStage[]): Needs {
  const filesystem: HostAccess['filesystem'] = flags.allowHostFilesystemWrite
    ? 'read-write'
    : flags.mountHostFilesystem
      ? 'read-only'
      : 'none'
  const capabilities: readonly Capability[] = flags.capabilities ?? []
  return {
    ...noNeeds,
    capabilities,
    host: { filesystem, pid: flags.hostPid },
    // Whoever can write to the node's disk can change it with any tool.
    effect: filesystem === 'read-write' ? 'write' : workedOutNeeds(stages).effect,
    user: 'root',
  }
}

function withConfinement(needs: Needs, flags: ShellFlags): Needs {
  return {
    ...needs,
    effect: needs.host.filesystem === 'read-write' ? 'write' : needs.effect,
    confinement: {
      apparmor: flags.apparmorUnconfined ? 'unconfined' : needs.confinement.apparmor,
      seccomp: flags.seccompUnconfined ? 'unconfined' : needs.confinement.seccomp,
    },
  }
}

function nodeOnly(stages: readonly ReadStage[]): ParseError {
  const names = stages.filter(({ reading }) => reading.needs.host.filesystem !== 'none' || reading.needs.host.pid)
  const who = names.map(({ name }) => name).join(', ') || 'This'
  return parseError(
    'node-only',
    `${who} looks at the node, and a pod shows nothing of it. Name the pod's node as the target.`,
  )
}

function toStage({ name, tool, given, reading }: ReadStage, catalogue: Catalogue, explicit: boolean): Stage {
  const names = [name, ...reading.runs]
  return {
    tool: name,
    given,
    argv: reading.viaChroot && !explicit ? ['chroot', '/host', ...reading.argv] : reading.argv,
    tools: reading.filter ? [] : names,
    special: reading.special,
    known: tool !== undefined && reading.runs.every((each) => catalogue.tool(each) !== undefined),
  }
}

/** What a stage got that nobody typed. */
function addedFor({ name, tool, reading }: ReadStage): string[] {
  const { capabilities, host } = reading.needs
  return [
    ...(tool === undefined ? [`nothing is known of ${name}, so it counts as changing`] : []),
    ...(reading.viaChroot ? [`\`chroot /host\` before ${name}: the node's own is meant`] : []),
    ...(capabilities.length === 0 ? [] : [`${capabilities.join(' and ')} for ${name}`]),
    ...(host.filesystem === 'none' ? [] : [`the node's file system under /host, ${host.filesystem}, for ${name}`]),
    ...(host.pid ? [`the node's process IDs for ${name}`] : []),
  ]
}

/** `repo:version` where another image than the configured one was asked for. */
function otherImage(flags: ShellFlags, configured: { repo: string; version: string }): string | undefined {
  const repo = flags.imageRepo ?? configured.repo
  const version = flags.imageVersion ?? configured.version
  if (repo === configured.repo && version === configured.version) return undefined
  return `${repo}:${version}`
}

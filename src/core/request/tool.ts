import type { MeasureOutput } from '#core/triage/measures'
import type { Capability } from './capability.ts'
import type { HostNotation } from './host-to-ascii.ts'
import type { ReadOutput } from './insight.ts'

/** Access of a debug pod to its node: the root file system under /host, and the process table. */
export type HostAccess = { filesystem: 'none' | 'read-only' | 'read-write'; pid: boolean }

const accessLevels = { none: 0, 'read-only': 1, 'read-write': 2 } satisfies Record<HostAccess['filesystem'], number>

/** Returns true where one access to the node's disk allows more than the other. */
export function isMoreAccess(one: HostAccess['filesystem'], other: HostAccess['filesystem']): boolean {
  return accessLevels[one] > accessLevels[other]
}

/** Effect on the target. `write`: may change it; anything that isn't known to be read-only counts as `write`. */
export type Effect = 'read' | 'write'

/** Kernel confinement, which is on unless the request turns it off. */
export type Confinement = { apparmor: 'default' | 'unconfined'; seccomp: 'default' | 'unconfined' }

/** Rights that a request needs; the policy checks all of them together. */
export type Needs = {
  capabilities: readonly Capability[]
  host: HostAccess
  effect: Effect
  confinement: Confinement
  /** User that the tool runs as. Root without capabilities has few rights, so the policy doesn't check it. */
  user: 'root' | 'nonroot'
}

export const noNeeds: Needs = {
  capabilities: [],
  host: { filesystem: 'none', pid: false },
  effect: 'read',
  confinement: { apparmor: 'default', seccomp: 'default' },
  user: 'nonroot',
}

/**
 * Argument that makes a tool run a program, or read or write files beyond its purpose: a set has to name it (`curl
 * -o`).
 */
export type SpecialArgument = { name: string; why: string }

/** Data of the node or of a container that is sent to another host. A set has to name it, as a special argument. */
export const upload: SpecialArgument = {
  name: 'upload',
  why: 'sends data of the node or of a container to another host',
}

/** Result of parsing a tool's arguments. */
export type Reading = {
  needs: Needs
  /** The argv to run: as given, or with limits (`ping` without `-c` gets `-c 5`). argv[0] is the program. */
  argv: readonly string[]
  /** Texts for the reply about what was added or limited. */
  notes: readonly string[]
  /** True when the stage only reads standard input and accesses nothing else: it needs no grant. */
  filter: boolean
  /** True for a program of the node itself: run as `chroot /host …` unless the person gave host flags. */
  viaChroot: boolean
  /** Names of further tools that these arguments run (`chroot /host systemctl` → systemctl). */
  runs: readonly string[]
  special: readonly SpecialArgument[]
  /** Words of argv that the tool may open as files, each as typed: a path, or an option or address that has one. */
  opens: readonly string[]
  /** Whether the tool also opens what is below the folders among `opens`; with `links` it follows symbolic links. */
  walks?: 'tree' | 'links'
  /** True where a path leads through /proc of another process: the node's disk and processes count as asked for. */
  throughProcess: boolean
  /** Text that the tool prints, for a tool that does nothing else: it needs no grant, and no input. */
  speaks?: string
  /** True where the tool sends its standard input to another host. */
  sendsInput: boolean
  /** True where the output may show files, logs, processes or packets of the node or of a container. */
  discloses: boolean
  /**
   * Arguments that lead the tool to other hosts than it was told, such as a proxy or redirects. A set has to name them
   * where it denies destinations.
   */
  detours: readonly SpecialArgument[]
  /** Present when these arguments are refused for everyone. `instead` is what to type instead. */
  refusal?: { why: string; instead?: string }
}

/** Returns the reading of arguments of which nothing is known but that the tool may open them and show anything. */
export function plainReading(argv: readonly string[]): Reading {
  return {
    needs: noNeeds,
    argv,
    notes: [],
    filter: false,
    viaChroot: false,
    runs: [],
    special: [],
    detours: [],
    opens: argv.slice(1),
    throughProcess: false,
    sendsInput: false,
    discloses: true,
  }
}

/**
 * Hint that is shown under a tool's error when `pattern` (the source of a regular expression) matches its output, and
 * `unless` doesn't: together they prove the cause that the hint names. With `always`, also under a success, as
 * additional information.
 */
export type Hint = { pattern: string; unless?: string; hint: string; always?: boolean }

/** Entry of the tool catalogue in `src/tools/`. */
export type Tool = {
  name: string
  /** Purpose, in one line. */
  about: string
  /** Example commands as they are typed after the target. */
  examples: readonly string[]
  hints: readonly Hint[]
  /** Returns the hosts that a tool connects to, as they stand in its arguments. Undefined for a tool without hosts. */
  reaches?: (argv: readonly string[]) => readonly string[]
  /** True for a tool that prints files whose names are among its arguments. */
  printsFiles?: true
  /** How the tool reads what `reaches` returns; `host` where it isn't given. */
  hostNotation?: HostNotation
  /** Interpreter of the output. Undefined for a tool that has none. */
  insight?: ReadOutput
  /** Measures of the output, by which checks of triage judge it. */
  measure?: MeasureOutput
  /** True for what is no program: a right that a set lists, and that no person types. */
  virtual?: true
  /** Parses argv (argv[0] is the tool's name). Pure and total: never throws. */
  read: (argv: readonly string[], on: 'node' | 'pod') => Reading
}

/**
 * Tool catalogue. `tool` looks up a tool by the name it was called by; undefined for an unknown tool. `inImage` tells
 * whether the shell image has a program of that name.
 */
export type Catalogue = {
  tool: (name: string) => Tool | undefined
  names: readonly string[]
  inImage: (name: string) => boolean
}

/** Returns the union of two needs: the more demanding one of each part. */
export function mergeNeeds(one: Needs, other: Needs): Needs {
  const filesystems = [one.host.filesystem, other.host.filesystem]
  const filesystem = filesystems.includes('read-write')
    ? 'read-write'
    : filesystems.includes('read-only')
      ? 'read-only'
      : 'none'
  const either = (part: keyof Confinement) =>
    one.confinement[part] === 'unconfined' ? 'unconfined' : other.confinement[part]
  return {
    capabilities: [...new Set([...one.capabilities, ...other.capabilities])].sort(),
    host: { filesystem, pid: one.host.pid || other.host.pid },
    effect: one.effect === 'write' ? 'write' : other.effect,
    confinement: { apparmor: either('apparmor'), seccomp: either('seccomp') },
    user: one.user === 'root' ? 'root' : other.user,
  }
}

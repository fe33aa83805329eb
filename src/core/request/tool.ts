import type { Capability } from './capability.ts'
import type { ReadOutput } from './insight.ts'

/** How a debug pod sees its node: its root file system under /host, and its process table. */
export type HostAccess = { filesystem: 'none' | 'read-only' | 'read-write'; pid: boolean }

/** `write` is whatever may change the target; what isn't known to be reading counts as changing. */
export type Effect = 'read' | 'write'

/** Kernel confinement that is on unless it was asked to be off. */
export type Confinement = { apparmor: 'default' | 'unconfined'; seccomp: 'default' | 'unconfined' }

/** What a request asks of the node; the policy judges all of it together. */
export type Needs = {
  capabilities: readonly Capability[]
  host: HostAccess
  effect: Effect
  confinement: Confinement
  /** Which user the tool runs as. Root without a capability is little; it isn't judged, only shown. */
  user: 'root' | 'nonroot'
}

export const noNeeds: Needs = {
  capabilities: [],
  host: { filesystem: 'none', pid: false },
  effect: 'read',
  confinement: { apparmor: 'default', seccomp: 'default' },
  user: 'nonroot',
}

/** An argument by which a tool runs a program or reads or writes files beyond its job: it needs a grant of that name (`curl -o`). */
export type SpecialArgument = { name: string; why: string }

/** What a tool makes of the arguments it was given. */
export type Reading = {
  needs: Needs
  /** The words to run: as given, or bounded (`ping` without `-c` gets `-c 5`). argv[0] is the program. */
  argv: readonly string[]
  /** What was added or bounded, in words for the answer. */
  notes: readonly string[]
  /** True when the arguments read standard input alone and touch nothing else: such a stage needs no grant. */
  filter: boolean
  /** The node's own program is meant: run as `chroot /host …` unless the person gave host flags themselves. */
  viaChroot: boolean
  /** Further tools by name that these arguments run (`chroot /host systemctl` → systemctl). */
  runs: readonly string[]
  special: readonly SpecialArgument[]
  /** Set when these arguments are refused to everyone. `instead` is what to type instead. */
  refusal?: { why: string; instead?: string }
}

/**
 * A hint under a tool's own error: shown when `pattern` (a regular expression's source) is found in its output.
 * With `always`, under a success too: the tool did its work, and there is more to know.
 */
export type Hint = { pattern: string; hint: string; always?: boolean }

/** One entry of the catalogue in `src/tools/`. */
export type Tool = {
  name: string
  /** What it is for, in one line. */
  about: string
  /** Commands as they are typed after the target. */
  examples: readonly string[]
  hints: readonly Hint[]
  /** Of a tool that talks to a host it is told: the words among which that host stands. Left out: it talks to none. */
  reaches?: (argv: readonly string[]) => readonly string[]
  /** What its output means. Left out: nobody has taught it to read that. */
  insight?: ReadOutput
  /** Reads argv (argv[0] is the tool's name). Pure; total: it never throws. */
  read: (argv: readonly string[], on: 'node' | 'pod') => Reading
}

/** Looks a tool up by the name it was called by; undefined for a tool outside the catalogue. */
export type Catalogue = { tool: (name: string) => Tool | undefined; names: readonly string[] }

/** The more demanding of two needs, part by part. */
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

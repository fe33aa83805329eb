import { type Effect, type Needs, noNeeds, type Reading, type SpecialArgument } from '#core/request/tool'

/** A reading with everything at rest but what is said: no needs, nothing added, nothing special. */
export function toReading(argv: readonly string[], parts: Partial<Reading> = {}): Reading {
  return {
    needs: noNeeds,
    argv,
    notes: [],
    filter: false,
    viaChroot: false,
    runs: [],
    special: [],
    ...parts,
  }
}

/** Reading of arguments that are refused to everyone. */
export function refuse(argv: readonly string[], why: string, instead?: string): Reading {
  return toReading(argv, { refusal: { why, ...(instead === undefined ? {} : { instead }) } })
}

/** Needs of a tool that works with its socket alone. */
export function plainNeeds(effect: Effect): Needs {
  return { ...noNeeds, effect }
}

/** Words with others put right behind the program's name, where every tool takes options. */
export function bounded(argv: readonly string[], ...added: readonly string[]): string[] {
  const [program = '', ...rest] = argv
  return [program, ...added, ...rest]
}

/** True for a path in the place where the node's file system is mounted. */
function isHostPath(path: string): boolean {
  return /^\/+(\.\/+)*host(\/|$)/.test(path)
}

/** The reading of a tool that prints files: paths under /host need the node's file system, read-only. */
export function fileReading(
  argv: readonly string[],
  files: readonly string[],
  judged: { effect: Effect; special: readonly SpecialArgument[] },
): Reading {
  const onHost = files.some(isHostPath)
  const needs: Needs = onHost
    ? { ...noNeeds, effect: judged.effect, host: { filesystem: 'read-only', pid: false }, user: 'root' }
    : plainNeeds(judged.effect)
  return toReading(argv, { needs, special: judged.special })
}

export const elsewhere = 'leaves the node that was named'

/** The node's process table; a pod's tool sees the processes of the container that `--container` names. */
export function tableNeeds(effect: Effect, on: 'node' | 'pod'): Needs {
  return on === 'node' ? { ...noNeeds, effect, host: { filesystem: 'none', pid: true } } : { ...noNeeds, effect }
}

/** Names of the programs behind sockets stand in /proc of all processes, whose files only who may trace them can read. */
export const processNeeds: Needs = {
  ...noNeeds,
  capabilities: ['SYS_PTRACE'],
  host: { filesystem: 'none', pid: true },
  user: 'root',
}

/** Every word may hold the host: as it stands, in an address, in an option's value. */
export function anyWord(argv: readonly string[]): readonly string[] {
  return argv.slice(1)
}

/** Of tools that ask a name server, `@SERVER` is the host; the name that is asked for is only a question. */
export function nameServer(argv: readonly string[]): readonly string[] {
  return argv.slice(1).filter((word) => word.startsWith('@'))
}

/** Packets of one's own making need a raw socket. */
export const rawNeeds: Needs = { ...noNeeds, capabilities: ['NET_RAW'], user: 'root' }

export const noRaw = {
  pattern:
    'Operation not permitted|setsockopt.*not permitted|Failure to open .*socket|requires root|not have enough privileges',
  hint: 'This form of it sends packets of its own making: give `-c NET_RAW`, or leave all such flags out.',
}

import { type Effect, type Needs, noNeeds, plainReading, type Reading } from '#core/request/tool'
import { defined } from '#core/util/defined'

/**
 * Returns a reading with defaults for everything that isn't in `parts`: no needs, no notes, no special arguments. Any
 * argument may name a file, and the output may show anything.
 */
export function toReading(argv: readonly string[], parts: Partial<Reading> = {}): Reading {
  return { ...plainReading(argv), ...parts }
}

/** Returns the reading of arguments that are refused for everyone. `instead` is what to type instead. */
export function refuse(argv: readonly string[], why: string, instead?: string): Reading {
  return toReading(argv, { refusal: { why, ...defined({ instead }) } })
}

/** Returns the needs of a tool without capabilities or access to the node. */
export function plainNeeds(effect: Effect): Needs {
  return { ...noNeeds, effect }
}

/** Returns the needs of a tool that shows the network, and needs rights in it only where it changes something. */
export function networkNeeds(effect: Effect): Needs {
  return effect === 'write' ? { ...plainNeeds('write'), capabilities: ['NET_ADMIN'], user: 'root' } : plainNeeds(effect)
}

/** Returns argv with arguments inserted after the program's name, where every tool accepts options. */
export function bounded(argv: readonly string[], ...added: readonly string[]): string[] {
  const [program = '', ...rest] = argv
  return [program, ...added, ...rest]
}

/** Returns the argv of a tool of sysstat, and the note about it: an interval without a count never ends, so it gets one. */
export function countedInterval(
  tool: string,
  argv: readonly string[],
  operands: readonly string[],
): Pick<Reading, 'argv' | 'notes'> {
  const numbers = operands.filter((operand) => /^\d+$/.test(operand))
  if (numbers.length !== 1) return { argv, notes: [] }
  return { argv: [...argv, '5'], notes: [`5 times: ${tool} with an interval does not end by itself`] }
}

export const elsewhere = 'leaves the named node'

/**
 * Returns the needs of a tool that reads the process table: the node's on a node. In a pod, the tool sees the processes
 * of the container that `--container` names.
 */
export function tableNeeds(effect: Effect, on: 'node' | 'pod'): Needs {
  return on === 'node' ? { ...noNeeds, effect, host: { filesystem: 'none', pid: true } } : { ...noNeeds, effect }
}

/**
 * Needs of showing the programs that own sockets: their names are in /proc of all processes, in files that can be read
 * only with the right to trace them.
 */
export const processNeeds: Needs = {
  ...noNeeds,
  capabilities: ['SYS_PTRACE'],
  host: { filesystem: 'none', pid: true },
  user: 'root',
}

/**
 * Says what `processNeeds` don't show: the folder of another user's open files takes DAC_READ_SEARCH, which opens any file
 * of the node as well.
 */
export const unnamedPrograms =
  "programs of users other than root stay unnamed: that takes `-c SYS_PTRACE,DAC_READ_SEARCH --host-pid`, which opens any of the node's files"

/** Returns operands without the ports and counts that follow the first one: `nc HOST 80`, `nc HOST 20-25`. */
export function withoutNumbers(operands: readonly string[]): string[] {
  return operands.filter((operand, at) => at === 0 || !/^\d{1,5}(-\d{1,5})?$/.test(operand))
}

/** Returns the SERVER of `@SERVER` arguments: DNS tools connect to the name server only, not to the name in the question. */
export function nameServer(argv: readonly string[]): readonly string[] {
  return argv
    .slice(1)
    .filter((arg) => arg.startsWith('@'))
    .map((arg) => arg.slice(1))
}

/** Needs of sending custom packets, which takes a raw socket. */
export const rawNeeds: Needs = { ...noNeeds, capabilities: ['NET_RAW'], user: 'root' }

export const noRaw = {
  pattern:
    'socket: Operation not permitted|Failure to open (?:IPv[46] )?sockets?|requires root|not have enough privileges',
  hint: 'This form sends raw packets: add `-c NET_RAW`, or leave out all such flags.',
}

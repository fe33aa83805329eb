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

/** A reading of arguments that are never run, whoever asks. */
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

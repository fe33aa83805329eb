import type { FanOutMessage } from '#core/messages/message'
import type { MessageRef } from '#core/messages/thread-ref'
import type { AccountRef, Principal } from '#core/people/principal'
import type { End, EndReason } from '#core/runs/run'
import type { CheckResult, TargetResults } from '#core/triage/check-result'
import { cutText } from '#core/util/cut-text'
import { defined } from '#core/util/defined'

/**
 * One command on all targets that a selector matched: each target is a run of its own, one message shows all of them.
 */
export type FanOut = {
  id: string
  by: Pick<Principal, 'id' | 'name'>
  account: AccountRef
  /** Selector as text: `nodes with pool=web`. */
  where: string
  command: string
  typed: { text: string; entities: boolean }
  members: readonly { run: string; target: string }[]
  /** Matched targets on which the command isn't run. */
  skipped: readonly Skipped[]
  message: MessageRef
  /** Present where the runs are checks, whose outcomes carry what they found. */
  triage?: Triage
  /** True where the message shows counts only, and its thread the targets. */
  threaded?: true
  /** Creation time in ms since 1970. */
  at: number
}

/** Checks of a fan-out. */
export type Triage = {
  /** Names of the playbooks. */
  playbooks: readonly string[]
  cluster: string
  /** Targets as text. A target may have several members, one for each set, or none. */
  targets: readonly string[]
  /** What is known of targets without a run: from the API server, and what can't be looked at. */
  known: readonly TargetResults[]
  /** Checks that no set of the person covers, with the sets that would. */
  uncovered: readonly { check: string; sets: readonly string[] }[]
  /** True where it has a page that browsers can reach. */
  pages?: true
  /** The triage that this one repeats. */
  before?: string
  /** The alert that it looks into. */
  alert?: { id: string; name: string }
}

/** Targets on which the command isn't run, with the common reason. */
export type Skipped = { why: string; targets: readonly string[] }

/** Progress of one run of a fan-out: started, or ended if it has a `reason`. A run without an outcome is waiting. */
export type Outcome = {
  reason?: EndReason
  exitCode?: number
  /** Summary in one line: the headline of the output, else its last line, else why the run ended. */
  said?: string
  /** Hash of the output; equal hashes mean equal output. */
  output?: string
  /** What the checks of the run found. */
  results?: readonly CheckResult[]
}

/** Maximum length of an output line in the summary. */
const maxLineChars = 100

/** Returns the outcome of an ended run, from the end of its output and the hash of the whole output. */
export function outcomeOf(end: End, tail: string, hash: string, headline: string | undefined): Outcome {
  const lastLine = tail.trimEnd().split('\n').at(-1)?.trim() ?? ''
  const said = headline ?? (lastLine === '' ? (end.message ?? '') : lastLine)
  return {
    reason: end.reason,
    ...defined({ exitCode: end.exitCode }),
    ...(said === '' ? {} : { said: cutText(said, maxLineChars) }),
    output: hash,
  }
}

/** Returns true when all runs of the fan-out have ended. */
export function isComplete(fanOut: FanOut, outcomes: ReadonlyMap<string, Outcome>): boolean {
  return endedMembers(fanOut, outcomes).length === fanOut.members.length
}

/** Returns the members whose runs have ended. */
export function endedMembers({ members }: FanOut, outcomes: ReadonlyMap<string, Outcome>): FanOut['members'] {
  return members.filter(({ run }) => outcomes.get(run)?.reason !== undefined)
}

/** Returns the message of a fan-out in its current state. */
export function fanOutMessage(fanOut: FanOut, outcomes: ReadonlyMap<string, Outcome>): FanOutMessage {
  const { id, by, where, command, members, skipped } = fanOut
  const ended = endedMembers(fanOut, outcomes)
  const done = ended.length === members.length
  return {
    kind: 'fan-out',
    id,
    by: by.name,
    where,
    command,
    total: members.length,
    ended: ended.length,
    running: members.filter(({ run }) => outcomes.has(run)).length - ended.length,
    results: groupResults(ended, outcomes),
    skipped,
    actions: done ? ['rerun'] : ['cancel'],
  }
}

/** Groups targets by end reason and exit code: failures first, then larger groups first. */
function groupResults(ended: FanOut['members'], outcomes: ReadonlyMap<string, Outcome>): FanOutMessage['results'] {
  const groups = Map.groupBy(ended, ({ run }) => {
    const { reason, exitCode } = outcomes.get(run) ?? {}
    return `${reason} ${exitCode ?? ''}`
  })
  return [...groups.values()]
    .flatMap((group) => {
      const groupOutcomes = group.flatMap(({ run }) => outcomes.get(run) ?? [])
      const [first] = groupOutcomes
      if (first?.reason === undefined) return []
      const { reason, exitCode, said } = first
      return {
        reason,
        ...defined({ exitCode, said }),
        same: groupOutcomes.every(({ output }) => output === first.output),
        targets: group.map(({ target }) => target),
      }
    })
    .sort((one, other) => getRank(one.reason) - getRank(other.reason) || other.targets.length - one.targets.length)
}

function getRank(reason: EndReason): number {
  return reason === 'completed' ? 1 : 0
}

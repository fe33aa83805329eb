import type { Message } from '#core/messages/message'
import type { AccountRef, Principal } from '#core/people/principal'
import type { MessageRef } from '#core/people/refs'
import type { End, EndReason } from '#core/runs/run'

/** One command on everything that a selector matched: each target is a run of its own, and all are told in one message. */
export type FanOut = {
  id: string
  by: Pick<Principal, 'id' | 'name'>
  account: AccountRef
  /** `nodes with pool=web`. */
  where: string
  command: string
  typed: { text: string; entities: boolean }
  members: readonly { run: string; target: string }[]
  /** What the selector matched and is not run. */
  skipped: readonly Skipped[]
  message: MessageRef
  /** Milliseconds since 1970. */
  at: number
}

/** Targets on which it isn't run, and why. */
export type Skipped = { why: string; targets: readonly string[] }

/** How far one of its runs has come; a run without one waits. */
export type Outcome = {
  reason?: EndReason
  exitCode?: number
  /** What is worth reading in one line: what its output means, else the end of it, or why it ended. */
  said?: string
  /** Hash of its output: runs with the same one wrote the same. */
  output?: string
}

/** Under which keys of the store they are remembered: one, what workers still look after, and how its runs ended. */
export const fanOutKey = (id: string): string => `fan-out:${id}`
export const openFanOutsKey = 'fan-outs'
export const outcomesKey = (id: string): string => `outcomes:${id}`

type FanOutNotice = Extract<Message, { kind: 'fan-out' }>

/** Characters of one line of output in the summary. */
const maxLineChars = 100

/** How a run that ended is summed up, from the end of its output and the hash of all of it. */
export function outcomeOf(end: End, tail: string, hash: string, headline: string | undefined): Outcome {
  const lastLine = tail.trimEnd().split('\n').at(-1)?.trim() ?? ''
  const said = headline ?? (lastLine === '' ? (end.message ?? '') : lastLine)
  return {
    reason: end.reason,
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
    ...(said === '' ? {} : { said: said.length <= maxLineChars ? said : `${said.slice(0, maxLineChars - 1)}…` }),
    output: hash,
  }
}

export function isComplete(fanOut: FanOut, outcomes: ReadonlyMap<string, Outcome>): boolean {
  return fanOut.members.every(({ run }) => outcomes.get(run)?.reason !== undefined)
}

/** The one message of a fan-out as it stands; `file` names what is attached. */
export function fanOutMessage(fanOut: FanOut, outcomes: ReadonlyMap<string, Outcome>, file?: string): FanOutNotice {
  const { id, by, where, command, members, skipped } = fanOut
  const ended = members.filter(({ run }) => outcomes.get(run)?.reason !== undefined)
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
    ...(file === undefined ? {} : { file }),
  }
}

/** Targets that ended alike, what went wrong first, then by how many there are. */
function groupResults(ended: FanOut['members'], outcomes: ReadonlyMap<string, Outcome>): FanOutNotice['results'] {
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
        ...(exitCode === undefined ? {} : { exitCode }),
        ...(said === undefined ? {} : { said }),
        same: groupOutcomes.every(({ output }) => output === first.output),
        targets: group.map(({ target }) => target),
      }
    })
    .sort((one, other) => getRank(one.reason) - getRank(other.reason) || other.targets.length - one.targets.length)
}

function getRank(reason: EndReason): number {
  return reason === 'completed' ? 1 : 0
}

import type { Message } from '#core/messages/message'
import type { MessageRef } from '#core/messages/thread-ref'
import type { Principal } from '#core/people/principal'
import type { InboundCommand } from '#core/ports/chat'
import type { CommandSource } from '#core/request/command-source'
import type { TraceStep } from '#core/runs/trace-steps'
import type { Instant } from '#core/util/instant'
import type { TypedCommand } from '#src/command/command-text-and-tokens'

/** A command of an identified person, while it is handled. */
export type CommandContext = {
  /** Id of the command, and of its run if it becomes one. */
  id: string
  /** What came in, as it was accepted; what is derived of it stands beside it. */
  inbound: InboundCommand
  /** Time from which the command may wait, by the clock that all processes share. */
  at: Instant
  source: CommandSource
  /** What is carried out: what came in, with the target of its thread where it names none, or the run's to repeat. */
  typed: TypedCommand
  person: Principal
  /**
   * Replies to the command. Replaces its earlier reply, where the platform can do that. `toPerson`: the reply concerns
   * only the person, although others may read its kind of message.
   */
  reply: (notice: Message, toPerson?: 'toPerson') => Promise<MessageRef>
  /** Id of the triage that this one repeats. */
  before?: string
  /** The alert that the triage looks into. */
  alert?: { id: string; name: string }
  /** True where the message of a run shows state and result only, and its thread the output. */
  threaded: boolean
  /** Runs a step once even if a process dies, as far as that can be determined; its result must be JSON. */
  once: <T>(step: TraceStep, work: () => Promise<T>) => Promise<T>
  /**
   * Marks the command as saved. From now on it is always completed, however often that is interrupted, and the reply
   * "nothing was run" would be wrong.
   */
  markSaved: () => void
}

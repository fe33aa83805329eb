import type { Message } from '#core/messages/message'
import type { MessageRef } from '#core/messages/thread-ref'
import type { Principal } from '#core/people/principal'
import type { InboundCommand } from '#core/ports/chat'
import type { TraceStep } from '#core/runs/trace-steps'

/** A command of an identified person, while it is handled. */
export type CommandContext = {
  /** Id of the command, and of its run if it becomes one. */
  id: string
  inbound: InboundCommand
  person: Principal
  /** True where `&`, `<` and `>` are written as HTML entities in the text, as Slack does. */
  entities: boolean
  /**
   * Replies to the command. Replaces its earlier reply, where the platform can do that. `toPerson`: the reply concerns
   * only the person, although others may read its kind of message.
   */
  reply: (notice: Message, toPerson?: 'toPerson') => Promise<MessageRef>
  /** Id of the triage that this one repeats. */
  before?: string
  /** True where the message of a run shows state and result only, and its thread the output. */
  threaded: boolean
  /** True where another process began the command before and died: steps that it has completed are no errors. */
  isRetry: boolean
  /** Runs a step once even if a process dies, as far as that can be determined; its result must be JSON. */
  once: <T>(step: TraceStep, work: () => Promise<T>) => Promise<T>
  /**
   * Marks the command as saved. From now on it is always completed, however often that is interrupted, and the reply
   * "nothing was run" would be wrong.
   */
  markSaved: () => void
}

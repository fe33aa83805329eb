import type { Message } from '#core/messages/message'
import type { Principal } from '#core/people/principal'
import type { MessageRef } from '#core/people/refs'
import type { InboundCommand } from '#core/ports/chat'
import type { TraceStep } from '#core/runs/trace-steps'

/** One command of a known person, on its way to an answer. */
export type CommandContext = {
  /** The command's id, and its run's if it becomes one. */
  id: string
  inbound: InboundCommand
  person: Principal
  /** True where `&`, `<` and `>` stand as HTML entities in the text, as Slack writes them. */
  entities: boolean
  /** Answers. What was said of this command before is replaced by it, where the platform can do that. */
  say: (notice: Message) => Promise<MessageRef>
  /** True where another process began the command before and died: what it did already is not an error. */
  again: boolean
  /** Does a step once even if a process dies, as far as that can be known; its result is JSON. */
  once: <T>(step: TraceStep, work: () => Promise<T>) => Promise<T>
  /** From now on it is brought to its end, however often that is interrupted: "nothing was run" would be wrong. */
  stands: () => void
}

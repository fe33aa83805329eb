import type { Notice } from '#core/notice'
import type { InboundCommand } from '#core/ports'
import type { MessageRef, Principal } from '#core/request'

/** One command of a known person, on its way to an answer. */
export type Conversation = {
  /** The command's id, and its run's if it becomes one. */
  id: string
  inbound: InboundCommand
  person: Principal
  /** True where `&`, `<` and `>` stand as HTML entities in the text, as Slack writes them. */
  entities: boolean
  say: (notice: Notice) => Promise<MessageRef>
}

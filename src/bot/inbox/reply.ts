import type { Notice } from '#core/messages/message'
import type { MessageRef } from '#core/people/refs'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import type { Held } from '#core/ports/inbox'
import type { House } from '#src/bot/context'

/** What concerns nobody but who asked: shown to them alone, where the platform can. */
const forOneOnly: ReadonlySet<Notice['kind']> = new Set(['help', 'misunderstood', 'refused', 'confirm', 'link'])

/** What is said on the way; everything else is the last word about a command. */
const onTheWay: ReadonlySet<Notice['kind']> = new Set(['asking', 'queued', 'starting', 'running', 'fan-out'])

/** The one message of a command. */
type Said = { message: MessageRef; kind: Notice['kind']; whispered: boolean }

const saidStep = 'said'

/**
 * Says it once, whoever is cut off: a command has one message, and what is said after the first word replaces it. Only a message whose
 * reference nobody lived to note stands there twice.
 */
export function sayOnce(house: House, adapter: ChatAdapter, held: Held): (notice: Notice) => Promise<MessageRef> {
  const { id, inbound } = held
  const write = async (notice: Notice, before: Said | undefined): Promise<Said> => {
    const { kind } = notice
    if (before !== undefined && !before.whispered) {
      const replaced = await adapter.edit(before.message, notice).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ChatError && error.permanent) return false
          throw error
        },
      )
      if (replaced) return { ...before, kind }
    }
    const whispered = forOneOnly.has(kind) && !('toAll' in notice)
    const { thread, account } = inbound
    const message = await (whispered ? adapter.whisper(thread, account, notice) : adapter.post(thread, notice))
    return { message, kind, whispered }
  }
  return async (notice) => {
    await held.ours()
    const before = held.noted(saidStep) as Said | undefined
    const said = await house.span(id, 'answer', () => write(notice, before))
    await house.span(id, 'note the answer', () => held.note(saidStep, said))
    return said.message
  }
}

/** True where the last word was said: what is left is to forget the command. */
export function hasLastWord(held: Held): boolean {
  const said = held.noted(saidStep) as Said | undefined
  return said !== undefined && !onTheWay.has(said.kind)
}

import type { Message } from '#core/messages/message'
import type { InboundAction } from '#core/ports/chat'
import { commandOfPress } from '#core/runs/actions'
import type { Accept } from './accept.ts'

/**
 * Creates the handler of button presses: a press is handled as the command text of its button, with the same checks as
 * if it had been typed.
 */
export function createActionHandler(accept: Accept) {
  return (inbound: InboundAction): Promise<Message | undefined> => {
    const { account, thread, key, at, action, run } = inbound
    const press = `press:${account.platform}:${account.team}:${account.user}:${action}:${run}`
    return accept({ account, thread, key, at, text: commandOfPress(action, run) }, press)
  }
}

import type { InboundAction, InboundResult } from '#core/ports/chat'
import { textOfPress } from '#core/runs/actions'
import type { Accept } from './accept.ts'

/** Creates the handler of button presses: a press is the command of its button, with the checks of a typed one. */
export function createActionHandler(accept: Accept) {
  return (inbound: InboundAction): Promise<InboundResult> => {
    const { account, thread, key, at, action, run } = inbound
    const press = `press:${account.platform}:${account.team}:${account.user}:${action}:${run}`
    const source = { kind: 'button' as const, action, run }
    return accept({ account, thread, key, at, text: textOfPress(action, run), source }, press)
  }
}

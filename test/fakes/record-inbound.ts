import type { InboundAction, InboundCommand, InboundHandlers, InboundResult } from '#core/ports/chat'

/** Creates handlers that accept everything and keep it, unless `answer` refuses it. */
export function recordInbound(answer: (command: InboundCommand) => InboundResult = () => ({ ok: true })) {
  const commands: InboundCommand[] = []
  const actions: InboundAction[] = []
  const handlers: InboundHandlers = {
    async command(command) {
      commands.push(command)
      return answer(command)
    },
    async action(action) {
      actions.push(action)
      return { ok: true }
    },
    query: async () => [],
  }
  return { handlers, commands, actions }
}

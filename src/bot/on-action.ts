import type { InboundAction, InboundCommand } from '#core/ports'

/** A button is the word that stands on it: it takes the same way, with the same checks, as if it had been typed. */
export function onAction(onCommand: (inbound: InboundCommand) => Promise<void>) {
  return (inbound: InboundAction): Promise<void> => {
    const { account, thread, key, at } = inbound
    return onCommand({ account, thread, key, at, text: `${inbound.action} ${inbound.run}` })
  }
}

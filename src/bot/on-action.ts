import type { InboundAction, InboundCommand, Store } from '#core/ports'

/** Seconds in which a second press of the same button is the same press: a double click, or a delivery repeated. */
const doubleClick = 3

/** A button is the word that stands on it: it takes the same way, with the same checks, as if it had been typed. */
export function onAction(store: Pick<Store, 'claim'>, onCommand: (inbound: InboundCommand) => Promise<void>) {
  return async (inbound: InboundAction): Promise<void> => {
    const { account, thread, key, at, action, run } = inbound
    const press = `press:${account.platform}:${account.team}:${account.user}:${action}:${run}`
    if (!(await store.claim(press, doubleClick))) return
    const text = action === 'approve-window' ? `approve ${run} --window` : `${action} ${run}`
    await onCommand({ account, thread, key, at, text })
  }
}

import type { CommandLease } from '#core/ports/inbox'
import { type Accept, accept } from '#src/bot/inbox/accept'
import { createCommandHandler } from '#src/bot/inbox/handle-command'
import { memoryInbox } from '#test/fakes/inbox'
import { accountOf, type ContextOptions, openContexts, sampleChannel } from '#test/samples/contexts'

/** Opens a bot with its inbox. */
export function openWithInbox(options: ContextOptions = {}) {
  const all = openContexts(options)
  const { bot, clock, commands } = all
  const handle = createCommandHandler(bot, (inbound) => acceptCommand(inbound))
  let pending: Promise<void>[] = []
  const acceptCommand: Accept = accept(bot, (lease) => {
    const handling = handle(lease)
    pending.push(handling)
    return handling
  })
  let serial = 0
  /** Resolves when everything that was accepted is handled. */
  const settled = async () => {
    await Promise.all(pending)
    pending = []
  }
  /** Sends a command as a chat adapter does; resolves with the inbox's answer, once the command was handled. */
  const send = async (user: string, text: string, change: { key?: string; thread?: object } = {}, press?: string) => {
    serial += 1
    const { key = `k${serial}`, thread = {} } = change
    const at = clock.now().toISOString()
    const place = { ...sampleChannel, ...thread }
    const result = await acceptCommand({ account: accountOf(user), text, key, at, thread: place }, press)
    await settled()
    return result
  }
  /** Lets another bot take over what was abandoned; `unsure`: before it was certain that it was accepted. */
  const takeOver = async (unsure?: 'unsure'): Promise<readonly CommandLease[]> => {
    for (const id of commands.commands.keys()) commands.expire(id, unsure)
    const inbox = memoryInbox(commands)
    const taken = await inbox.takeOver(50)
    await Promise.all(taken.map(createCommandHandler({ ...bot, inbox }, acceptCommand)))
    return taken
  }
  return { ...all, acceptCommand, settled, send, takeOver, isEmpty: () => commands.commands.size === 0 }
}

import type { Message } from '#core/messages/message'
import type { CommandLease } from '#core/ports/inbox'
import { accept } from '#src/bot/inbox/accept'
import { createCommandHandler } from '#src/bot/inbox/handle-command'
import { memoryInbox } from '#test/fakes/inbox'
import { accountOf, type ContextOptions, openContexts, sampleChannel } from '#test/samples/contexts'

/** Opens a bot with its inbox. */
export function openWithInbox(options: ContextOptions = {}) {
  const all = openContexts(options)
  const { bot, clock, commands } = all
  const handle = createCommandHandler(bot)
  let pending: Promise<void>[] = []
  const acceptCommand = accept(bot, (lease) => {
    const handling = handle(lease)
    pending.push(handling)
    return handling
  })
  let serial = 0
  /** Sends a command as a chat adapter does; resolves with what isn't accepted, once it was handled. */
  const send = async (user: string, text: string, change: { key?: string; thread?: object } = {}, press?: string) => {
    serial += 1
    const { key = `k${serial}`, thread = {} } = change
    const at = clock.now().toISOString()
    const place = { ...sampleChannel, ...thread }
    const refused: Message | undefined = await acceptCommand(
      { account: accountOf(user), text, key, at, thread: place },
      press,
    )
    await Promise.all(pending)
    pending = []
    return refused
  }
  /** Lets another bot take over what was abandoned; `unsure`: before it was certain that it was accepted. */
  const takeOver = async (unsure?: 'unsure'): Promise<readonly CommandLease[]> => {
    for (const id of commands.commands.keys()) commands.expire(id, unsure)
    const inbox = memoryInbox(commands)
    const taken = await inbox.takeOver(50)
    await Promise.all(taken.map(createCommandHandler({ ...bot, inbox })))
    return taken
  }
  return { ...all, send, takeOver, isEmpty: () => commands.commands.size === 0 }
}

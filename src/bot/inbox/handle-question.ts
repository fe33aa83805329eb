import type { Message } from '#core/messages/message'
import { type MessageRef, noMessage } from '#core/people/refs'
import type { InboundCommand } from '#core/ports/chat'
import type { BotContext } from '#src/bot/context'
import { dispatch, parseErrorMessage } from '#src/bot/handlers/dispatch'
import type { Command } from '#src/command/command'
import { parse } from '#src/command/parse'

/** What can be asked without anything being done. */
const questions: ReadonlySet<Command['verb']> = new Set([
  'tools',
  'nodes',
  'pods',
  'runs',
  'approvals',
  'show',
  'output',
  'whoami',
  'help',
  'version',
])

/** Seconds over which a person's questions are counted, and how many of them: a form asks while somebody types. */
const window = 60
const most = 120

/**
 * Answers what a form or a person's own page asks, without writing into a chat. What would do something is refused; whoever isn't
 * known hears why. Rejects when something breaks.
 */
export function createQuestionHandler(context: BotContext) {
  return async (inbound: InboundCommand): Promise<readonly Message[]> => {
    const { account, text, thread } = inbound
    const refused = (message: string): Message => ({ kind: 'refused', message, typed: text })
    const person = await context.directory.person(account)
    if ('refused' in person) return [refused(person.refused)]
    if ((await context.store.count(`questions:${person.id}`, window)) > most)
      return [refused('Too many questions; wait a minute.')]
    // The adapter itself writes these texts, so they hold no entities.
    const command = parse({ text }, context.catalogue)
    if (command.verb === 'misunderstood') return [parseErrorMessage(command, text)]
    const runs = command.verb === 'shell' || command.verb === 'fan-out'
    if (runs ? !command.dryRun : !questions.has(command.verb)) return [refused('This only answers questions.')]
    const said: Message[] = []
    const say = async (notice: Message): Promise<MessageRef> => {
      said.push(notice)
      return noMessage(thread)
    }
    // Nothing is done, so nothing has to be done only once.
    const once = <T>(_step: string, work: () => Promise<T>) => work()
    const ctx = { id: '', inbound, person, say, entities: false, again: false, once, stands: () => undefined }
    await dispatch(context, ctx, command)
    return said
  }
}

import type { Message } from '#core/messages/message'
import { type MessageRef, noMessage } from '#core/messages/thread-ref'
import type { InboundCommand } from '#core/ports/chat'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { dispatch, parseErrorMessage } from '#src/bot/handlers/dispatch'
import { readTyped } from '#src/command/command-text-and-tokens'
import { parse } from '#src/command/parse'
import { isRunning } from '#src/command/starts-run'
import { wordByText } from '#src/command/words/all-words'

/** Rate limit of one person's questions; high, because a form sends questions while the person types. */
const windowSeconds = 60
const maxQuestions = 120

/**
 * Creates the handler of questions that a form or a person's own page sends; their answers are not written into a chat.
 * Refuses commands that would change something, and unknown accounts with the reason. Rejects when something breaks.
 */
export function createQuestionHandler(context: BotContext) {
  return async (inbound: InboundCommand): Promise<readonly Message[]> => {
    const { account, text, thread } = inbound
    const refused = (message: string): Message => ({ kind: 'refused', message, typed: text })
    const person = await context.directory.person(account)
    if ('refused' in person) return [refused(person.refused)]
    if ((await context.store.count(`questions:${person.id}`, windowSeconds)) > maxQuestions)
      return [refused('Too many requests; wait a minute.')]
    // The adapter itself writes these texts, so they contain no HTML entities.
    const typed = readTyped(text, false)
    const command = parse(typed, context.catalogue)
    if (command.verb === 'misunderstood') return [parseErrorMessage(command, text)]
    const startsRun = isRunning(command)
    if (startsRun ? !command.dryRun : wordByText.get(command.verb)?.does !== 'answers')
      return [refused('Only read-only commands work here.')]
    const replies: Message[] = []
    const reply = async (notice: Message): Promise<MessageRef> => {
      replies.push(notice)
      return noMessage(thread)
    }
    // Runs steps directly: commands that only read can be repeated.
    const once = <T>(_step: string, work: () => Promise<T>) => work()
    const ctx: CommandContext = {
      id: '',
      inbound,
      at: inbound.at,
      source: { kind: 'query' },
      typed,
      person,
      reply,
      threaded: false,
      once,
      markSaved: () => undefined,
    }
    await dispatch(context, ctx, command, async () => undefined)
    return replies
  }
}

import type { Message } from '#core/messages/message'
import { isStoreFull, notAcceptedMessage } from '#core/messages/not-accepted'
import { accountText } from '#core/people/principal'
import { ChatError, type InboundCommand } from '#core/ports/chat'
import { type CommandLease, LeaseLostError } from '#core/ports/inbox'
import type { TraceStep } from '#core/runs/trace-steps'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { handleText } from '#src/bot/handlers/dispatch'
import { onePerEventLoopTurn } from './one-per-turn.ts'
import { createReply } from './reply.ts'
import { resume } from './resume.ts'

/** Seconds over which commands of a person, and of a channel, are counted. */
const window = 60

/** Milliseconds for which an answer is tried that the chat doesn't take. */
const longestTelling = 60 * 60_000

/** Drops commands over the rate limit, with one reply per window: a reply to each would be a flood of its own. */
async function overLimit(context: BotContext, { thread }: InboundCommand, person: string): Promise<Over | null> {
  const { perPerson, perChannel } = context.rules()
  const own = await context.store.count(`commands:${person}`, window)
  if (own > perPerson) {
    const message = `You have sent more than ${perPerson} commands in a minute; ${ignored}. Wait a minute.`
    return { message, first: own === perPerson + 1, concerns: 'person' }
  }
  const { platform, team, channel } = thread
  const all = await context.store.count(`commands-in:${platform}:${team}:${channel}`, window)
  if (all <= perChannel) return null
  const message = `More than ${perChannel} commands came from this channel in a minute; ${ignored}. Wait a minute, or ask elsewhere.`
  return { message, first: all === perChannel + 1, concerns: 'channel' }
}

const ignored = 'what comes now is not looked at'

type Over = { message: string; first: boolean; concerns: 'person' | 'channel' }

type Asking = Omit<CommandContext, 'person'>

/**
 * Hops 2 to 6: who is it, what do they want, may they, and off into the queue. Resolves when the answer is written or the run is
 * queued, or when it is left to whoever takes it next; never rejects.
 */
export function createCommandHandler(context: BotContext) {
  const turn = onePerEventLoopTurn()
  return async (held: CommandLease): Promise<void> => {
    const { id, inbound } = held
    // Lets the adapter acknowledge first, this command and those that arrive meanwhile.
    await turn()
    const adapter = context.adapters.get(inbound.thread.platform)
    // Another bot process serves that chat.
    if (adapter === undefined) return held.release()
    let standing = false
    const ctx: Asking = {
      id,
      inbound,
      entities: inbound.account.platform === 'slack',
      again: held.as !== 'new',
      say: createReply(context, adapter, held),
      once: (step, work) => once(context, held, step, work),
      stands() {
        standing = true
        void held.saveStep('stands', true)
      },
    }
    try {
      await context.span(id, 'inbox.verify-lease', held.assertOwned)
      if (held.as === 'new') context.count('commands')
      if (held.as === 'new' || !(await resume(context, held, ctx))) await carryOn(context, ctx)
      await context.span(id, 'inbox.ack', held.ack)
    } catch (error) {
      await failed(context, held, { talk: ctx, standing, error })
    }
  }
}

async function once<T>(context: BotContext, held: CommandLease, step: TraceStep, work: () => Promise<T>): Promise<T> {
  const before = held.savedStep(step)
  if (before !== undefined) return before as T
  await held.assertOwned()
  const result = await context.span(held.id, step, work)
  await held.saveStep(step, result)
  return result
}

async function carryOn(context: BotContext, ctx: Asking): Promise<void> {
  const { id, inbound, say } = ctx
  const { account, text } = inbound
  const person = await context.span(id, 'identify-person', () => context.directory.person(account))
  if ('refused' in person) {
    context.count('refused')
    await context.audit('unknown-person', id, accountText(person.account), { why: person.refused, typed: text })
    context.log.info({ command: id, account: account.user, team: account.team }, `refused: ${person.refused}`)
    await say({ kind: 'refused', message: person.refused, typed: text })
    return
  }
  const over = await ctx.once('count-command', () => overLimit(context, ctx.inbound, person.id))
  if (over !== null) {
    context.count('refused')
    const { message, first, concerns } = over
    // Everybody in the channel should know why they get no answer.
    if (first) await say({ kind: 'refused', message, typed: text, ...(concerns === 'channel' ? { toAll: true } : {}) })
    return
  }
  // By the clock that all processes share: how long it may wait is counted from then.
  const at = context.now().toISOString()
  await handleText(context, { ...ctx, inbound: { ...ctx.inbound, at }, person })
}

type Failure = { talk: Asking; standing: boolean; error: unknown }

/** Tells it, or leaves the command to be tried again: where something of it stands already, or the chat doesn't take the words. */
async function failed(context: BotContext, held: CommandLease, { talk: ctx, standing, error }: Failure): Promise<void> {
  const { id } = held
  if (error instanceof LeaseLostError) {
    context.log.info({ command: id }, 'another bot goes on with it')
    return
  }
  context.log.error({ command: id, error: describe(error) }, 'command failed')
  if (standing) return held.release()
  const message = 'Something broke on our side while this was looked at; nothing was run. Try it again.'
  const { text: typed } = held.inbound
  const notice: Message = isStoreFull(error)
    ? { ...notAcceptedMessage('full', context.rules().contact), typed }
    : { kind: 'trouble', message, typed, reference: id }
  try {
    await ctx.say(notice)
    await held.ack()
  } catch (failure) {
    context.log.error({ command: id, error: describe(failure) }, 'answer not delivered')
    const never = failure instanceof ChatError && failure.permanent
    const tooLate = context.now().getTime() - Date.parse(held.inbound.at) > longestTelling
    if (never || tooLate) await held.ack().catch(() => held.release())
    else held.release()
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

import type { Message } from '#core/messages/message'
import { isStoreFull, notAcceptedMessage } from '#core/messages/store-unavailable-message'
import { accountText } from '#core/people/principal'
import type { InboundCommand } from '#core/ports/chat'
import { type CommandLease, LeaseLostError } from '#core/ports/inbox'
import type { TraceStep } from '#core/runs/trace-steps'
import { handleAlert } from '#src/bot/alerts/receive-alerts'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import type { Accept } from './accept.ts'
import { readInbound } from './inbound-to-words.ts'
import { onePerEventLoopTurn } from './one-per-event-loop-turn.ts'
import { parseAndHandle } from './parse-and-handle.ts'
import { createReply, maxReplyRetryMs, ReplyRefusedError, replyPlace } from './reply.ts'
import { resumeSaved } from './resume.ts'

/** Window in which commands of a person, and of a channel, are counted. */
const rateWindowSeconds = 60

/**
 * Returns how a command exceeds the rate limit, or null. Only the first one in a window gets a reply (`first`): a reply
 * to each would be a flood itself.
 */
async function checkRateLimit(
  context: BotContext,
  { thread }: InboundCommand,
  person: string,
): Promise<LimitExceeded | null> {
  const { perPerson, perChannel } = context.rules()
  const personCount = await context.store.count(`commands:${person}`, rateWindowSeconds)
  if (personCount > perPerson) {
    const message = `You sent more than ${perPerson} commands in a minute; ${ignored}. Wait a minute.`
    return { message, first: personCount === perPerson + 1, concerns: 'person' }
  }
  const { platform, team, channel } = thread
  const channelCount = await context.store.count(`commands-in:${platform}:${team}:${channel}`, rateWindowSeconds)
  if (channelCount <= perChannel) return null
  const message = `More than ${perChannel} commands came from this channel in a minute; ${ignored}. Wait a minute, or use another channel.`
  return { message, first: channelCount === perChannel + 1, concerns: 'channel' }
}

const ignored = 'further ones are ignored'

type LimitExceeded = { message: string; first: boolean; concerns: 'person' | 'channel' }

type UnidentifiedContext = Omit<CommandContext, 'person' | 'at' | 'source' | 'typed'>

/**
 * Creates the handler of accepted commands. It identifies the person, parses and authorizes the command, and replies or
 * enqueues the run; an alert is shown. `accept`: accepts the command of a triage that begins by itself. It resolves when the reply is written or the run is queued, or when the command is left to another
 * process; it never rejects.
 */
export function createCommandHandler(context: BotContext, accept: Accept) {
  const turn = onePerEventLoopTurn()
  return async (lease: CommandLease): Promise<void> => {
    const { id, inbound } = lease
    const { source } = inbound
    // Lets the adapter acknowledge this command, and those that arrive meanwhile, first.
    await turn()
    if (source?.kind === 'alert') return handleAlert(context, lease, source.alert, accept)
    const adapter = context.adapters.get(inbound.thread.platform)
    // Another bot process serves that chat.
    if (adapter === undefined) return lease.release()
    let isSaved = false
    const kind = await adapter.conversation(inbound.thread).catch(() => 'channel' as const)
    const place = replyPlace(inbound, kind, context.rules(), adapter.limits)
    const ctx: UnidentifiedContext = {
      id,
      inbound,
      reply: createReply(context, adapter, lease, place),
      threaded: place.threaded,
      once: (step, work) => runStepOnce(context, lease, step, work),
      markSaved() {
        isSaved = true
        void lease.saveStep('stands', true)
      },
    }
    try {
      await context.span(id, 'inbox.verify-lease', lease.assertOwned)
      if (lease.as === 'new') context.count('commands')
      const isRetry = lease.as !== 'new'
      if (!isRetry || !(await resumeSaved(context, lease, ctx))) await identifyAndHandle(context, ctx, isRetry)
      await context.span(id, 'inbox.ack', lease.ack)
    } catch (error) {
      await handleFailure(context, lease, { ctx, isSaved, error })
    }
  }
}

async function runStepOnce<T>(
  context: BotContext,
  lease: CommandLease,
  step: TraceStep,
  work: () => Promise<T>,
): Promise<T> {
  const savedResult = lease.savedStep(step)
  if (savedResult !== undefined) return savedResult as T
  await lease.assertOwned()
  const result = await context.span(lease.id, step, work)
  await lease.saveStep(step, result)
  return result
}

async function identifyAndHandle(context: BotContext, ctx: UnidentifiedContext, isRetry: boolean): Promise<void> {
  const { id, inbound, reply } = ctx
  const { account, text } = inbound
  const person = await context.span(id, 'identify-person', () => context.directory.person(account))
  if ('refused' in person) {
    context.count('refused')
    await context.audit('unknown-person', id, accountText(person.account), { why: person.refused, typed: text })
    context.log.info({ command: id, account: account.user, team: account.team }, `refused: ${person.refused}`)
    await reply({ kind: 'refused', message: person.refused, typed: text })
    return
  }
  const exceeded = await ctx.once('count-command', () => checkRateLimit(context, ctx.inbound, person.id))
  if (exceeded !== null) {
    context.count('refused')
    const { message, first, concerns } = exceeded
    // Shows the limit of a channel to everybody in it, since it concerns all of them.
    if (first)
      await reply({ kind: 'refused', message, typed: text, ...(concerns === 'channel' ? { toAll: true } : {}) })
    return
  }
  // Uses the clock that all processes share: the time that the command may wait counts from this instant.
  const at = context.now().toISOString()
  await parseAndHandle(context, { ...ctx, at, ...readInbound(inbound), person }, isRetry)
}

type Failure = { ctx: UnidentifiedContext; isSaved: boolean; error: unknown }

/**
 * Replies that the command failed. Releases it for a retry where part of it is saved already, or where the chat doesn't
 * accept the reply yet; drops it where the chat never will, or after `maxReplyRetryMs`.
 */
async function handleFailure(
  context: BotContext,
  lease: CommandLease,
  { ctx, isSaved, error }: Failure,
): Promise<void> {
  const { id } = lease
  if (error instanceof LeaseLostError) {
    context.log.info({ command: id }, 'another bot took over this command')
    return
  }
  context.log.error({ command: id, error: describe(error) }, 'command failed')
  if (isSaved) return lease.release()
  // The requester was told by another way, as far as there is one.
  if (error instanceof ReplyRefusedError) return lease.ack().catch(() => lease.release())
  const message = 'Nothing was run. Try again.'
  const { text: typed } = lease.inbound
  const notice: Message = isStoreFull(error)
    ? { ...notAcceptedMessage('full', context.rules().contact), typed }
    : { kind: 'trouble', message, typed, reference: id }
  try {
    await ctx.reply(notice)
    await lease.ack()
  } catch (failure) {
    context.log.error({ command: id, error: describe(failure) }, 'reply not delivered')
    const isPermanent = failure instanceof ReplyRefusedError
    const isTooLate = context.now().getTime() - Date.parse(lease.inbound.at) > maxReplyRetryMs
    if (isPermanent || isTooLate) await lease.ack().catch(() => lease.release())
    else lease.release()
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

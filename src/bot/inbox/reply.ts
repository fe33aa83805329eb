import type { ChatLimits } from '#core/messages/chat-limits'
import type { Message } from '#core/messages/message'
import { type ConversationKind, outputPlaceIn } from '#core/messages/thread-or-channel'
import type { MessageRef, ThreadRef } from '#core/messages/thread-ref'
import { type ChatAdapter, type ChatError, type InboundCommand, isInThread, isPermanentRefusal } from '#core/ports/chat'
import type { CommandLease } from '#core/ports/inbox'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'

/** Messages that concern the requester only: shown to them alone, where the platform can do that. */
const privateKinds: ReadonlySet<Message['kind']> = new Set([
  'help',
  'listing',
  'misunderstood',
  'refused',
  'trouble',
  'confirm',
  'link',
  'session-link',
  'replay-link',
])

/** Intermediate replies; every other kind is the final reply to a command. */
const intermediateKinds: ReadonlySet<Message['kind']> = new Set([
  'asking',
  'queued',
  'starting',
  'running',
  'fan-out',
  'triage',
])

/** The one message of a command, as its last reply left it. */
type SavedReply = { message: MessageRef; kind: Message['kind']; whispered: boolean }

/** Milliseconds for which a message is retried that the chat doesn't accept. */
export const maxReplyRetryMs = 60 * 60_000

/** Name of the step that saves the message of a command or alert. */
export const replyStep = 'said'

/** Error of a reply that the chat refused for good; the requester was told so elsewhere, or can't be told. */
export class ReplyRefusedError extends Error {
  constructor(cause: ChatError) {
    super(`the chat takes no reply: ${cause.message}`, { cause })
    this.name = 'ReplyRefusedError'
  }
}

/** Where the messages of a command are posted. */
export type ReplyPlace = {
  /** True where the message of a run shows state and result only, and its thread the output. */
  threaded: boolean
  /** Place of messages that others may read. */
  thread: ThreadRef
  /** Place of messages for the requester alone. */
  privateThread: ThreadRef
}

/**
 * Returns where a command is answered: in the thread in which it was given, else in the channel, and there with the
 * output of its run in a thread, unless the owner wants it otherwise.
 */
export function replyPlace(
  inbound: Pick<InboundCommand, 'thread' | 'opensThread'>,
  kind: ConversationKind,
  { outputPlaces }: Pick<ReturnType<BotContext['rules']>, 'outputPlaces'>,
  { ephemeralNeedsReplies }: Pick<ChatLimits, 'ephemeralNeedsReplies'>,
): ReplyPlace {
  const { thread, opensThread } = inbound
  const { thread: _root, ...channel } = thread
  const threaded = kind === 'channel' && !isInThread(inbound) && outputPlaceIn(outputPlaces, thread) === 'thread'
  return {
    threaded,
    thread: threaded || (kind === 'direct' && opensThread === true) ? channel : thread,
    privateThread: opensThread === true && (ephemeralNeedsReplies === true || kind === 'direct') ? channel : thread,
  }
}

/**
 * Creates the function that replies to a command. A command has one message: each reply replaces the one before, even
 * if a process that died wrote that one. A message appears twice only where the process died before it saved the
 * message's reference. Where the chat refuses a message for good, the requester is told at once by another way, and the
 * function rejects with `ReplyRefusedError`: nothing is run.
 */
export function createReply(
  context: BotContext,
  adapter: ChatAdapter,
  lease: CommandLease,
  place: ReplyPlace,
): CommandContext['reply'] {
  const { id, inbound } = lease
  const { account } = inbound
  const write = async (notice: Message, toPerson: boolean, previous: SavedReply | undefined): Promise<SavedReply> => {
    const { kind } = notice
    if (previous !== undefined && !previous.whispered) {
      const replaced = await adapter.edit(previous.message, notice).then(
        () => true,
        (error: unknown) => {
          if (isPermanentRefusal(error)) return false
          throw error
        },
      )
      if (replaced) return { ...previous, kind }
    }
    // What concerns a service principal is for those who follow its alerts.
    const isPrivateKind = privateKinds.has(kind) && !('toAll' in notice)
    const whispered = account.service === undefined && (toPerson || isPrivateKind)
    const message = await (whispered
      ? adapter.postEphemeral(place.privateThread, account, notice)
      : postInChannel(adapter, notice, place, inbound.thread))
    return { message, kind, whispered }
  }
  const save = (reply: SavedReply) => context.span(id, 'save-reply', () => lease.saveStep(replyStep, reply))
  return async (notice, toPerson) => {
    await lease.assertOwned()
    const previous = lease.savedStep(replyStep) as SavedReply | undefined
    try {
      const reply = await context.span(id, 'reply', () => write(notice, toPerson === 'toPerson', previous))
      await save(reply)
      return reply.message
    } catch (error) {
      if (!isPermanentRefusal(error)) throw error
      context.log.warn({ command: id, error: error.message }, 'the chat refused a reply for good')
      // Of a message that a person chose in its menu, the answer may also be for that person alone.
      const isChosen = inbound.source?.kind === 'message'
      const shown = isChosen || isPrivate(notice, toPerson) ? notice : refusedPlace(inbound.text, error)
      if (isChosen && !isPrivate(notice, toPerson)) await tellWhere(adapter, inbound)
      const message = await adapter.postDirect(inbound.thread, account, shown).catch((failure: unknown) => {
        context.log.error({ command: id, error: String(failure) }, 'the requester could not be told')
        throw new ReplyRefusedError(error)
      })
      await save({ message, kind: shown.kind, whispered: !isChosen || message.message === '' })
      if (shown === notice) return message
      throw new ReplyRefusedError(error)
    }
  }
}

/** Says by the shortcut's own address that the answer is elsewhere. A failure changes nothing. */
async function tellWhere(adapter: ChatAdapter, { thread, account }: InboundCommand): Promise<void> {
  const title = 'I am not in this channel'
  const where: Message = { kind: 'help', title, text: 'The answer is in our direct messages.', examples: [] }
  await adapter.postDirect(thread, account, where).catch(() => undefined)
}

function isPrivate(notice: Message, toPerson: 'toPerson' | undefined): boolean {
  return toPerson !== undefined || privateKinds.has(notice.kind)
}

/** Posts in the channel; in the thread of the command itself where the channel takes no new message. */
async function postInChannel(
  adapter: ChatAdapter,
  notice: Message,
  { thread }: ReplyPlace,
  own: ThreadRef,
): Promise<MessageRef> {
  try {
    return await adapter.post(thread, notice)
  } catch (error) {
    if (!isPermanentRefusal(error) || own.thread === thread.thread) throw error
    return adapter.post(own, notice)
  }
}

/** Returns the message for a requester in whose channel nothing can be posted. */
function refusedPlace(typed: string, { advice }: ChatError): Message {
  const message = "I can't post in this channel, so nothing was run."
  return { kind: 'refused', message, typed, ...defined({ wayOut: advice }) }
}

/** Returns true where the final reply was written: the command only has to be acknowledged. */
export function hasFinalReply(lease: CommandLease): boolean {
  const reply = lease.savedStep(replyStep) as SavedReply | undefined
  return reply !== undefined && !intermediateKinds.has(reply.kind)
}

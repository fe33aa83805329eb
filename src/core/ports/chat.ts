import type { ChatLimits } from '#core/messages/chat-limits'
import type { Message } from '#core/messages/message'
import type { ConversationKind } from '#core/messages/thread-or-channel'
import type { MessageRef, ThreadRef } from '#core/messages/thread-ref'
import type { Account } from '#core/people/account'
import type { Platform } from '#core/people/platforms'
import type { AccountRef } from '#core/people/principal'
import type { StoredSource } from '#core/request/command-source'
import type { PressableAction } from '#core/runs/actions'
import type { Instant } from '#core/util/instant'

export type InboundCommand = {
  /** Sender, as authenticated by the platform. */
  account: AccountRef
  /**
   * Text as typed, without the mention of the bot or the name of the slash command. Of a command with a `source`: the
   * same in words, for people and for bots of earlier versions.
   */
  text: string
  /** Present where the command was not typed: it is carried out, and the text is not read. */
  source?: StoredSource
  thread: ThreadRef
  /** True for a message outside of threads: `thread` is then the one that replies to it would be in. */
  opensThread?: true
  /** Idempotency key from the platform (message or trigger id): a repeated key is the same command. */
  key: string
  at: Instant
}

/** Returns true for a command that was given in a thread, where others follow what is shown. */
export function isInThread({ thread, opensThread }: Pick<InboundCommand, 'thread' | 'opensThread'>): boolean {
  return thread.thread !== undefined && opensThread !== true
}

/** A pressed button. `run` is the run's id, followed by the page number of a paged action. */
export type InboundAction = {
  account: AccountRef
  action: PressableAction
  run: string
  thread: ThreadRef
  key: string
  at: Instant
}

/**
 * Whether a request was accepted: it is answered then, even if this process dies. Else `refusal` is the message that the
 * adapter replies to the sender, and the request is never carried out.
 */
export type InboundResult = { ok: true } | { ok: false; refusal: Message }

/**
 * Handlers that an adapter calls before it acknowledges a request to the platform. `command` and `action` resolve
 * within 2 seconds.
 */
export type InboundHandlers = {
  command: (inbound: InboundCommand) => Promise<InboundResult>
  action: (inbound: InboundAction) => Promise<InboundResult>
  /**
   * Answers a query from a form or a person's own page, in plain text without HTML entities: the reply is returned to
   * the adapter, not posted. Answers read-only commands; refuses those that would change something. Rejects on errors.
   */
  query: (inbound: InboundCommand) => Promise<readonly Message[]>
  /**
   * Accepts a message of another program in a channel that the owner's file lists, as `command` does; others are ignored.
   * Absent where nothing listens.
   */
  heard?: (message: HeardMessage) => Promise<void>
}

/** Message of another program in a channel, with its text. `thread`: the one that replies to it. */
export type HeardMessage = { thread: ThreadRef; text: string; key: string; at: Instant }

/** File to attach: a text, or an image (PNG in base64) with a text alternative. */
export type Attachment = { name: string; title: string } & ({ text: string } | { png: string; alt: string })

export type ChatAdapter = {
  platform: Platform
  limits: ChatLimits
  /** Starts to receive. Resolves when the adapter accepts requests. */
  listen: (inbox: InboundHandlers) => Promise<void>
  /** Returns the kind of a conversation. Rejects with `ChatError`. */
  conversation: (thread: Omit<ThreadRef, 'thread'>) => Promise<ConversationKind>
  /** Posts a new message. Rejects with `ChatError`. */
  post: (thread: ThreadRef, message: Message) => Promise<MessageRef>
  /** Posts a message that only this account sees, if the platform can do that; else as `post`. It can't be edited. */
  postEphemeral: (thread: ThreadRef, account: AccountRef, message: Message) => Promise<MessageRef>
  /**
   * Posts a message to one person where their conversation takes none: as an answer to their latest command there, or
   * in their direct conversation with the bot. Rejects with `ChatError`.
   */
  postDirect: (thread: ThreadRef, account: AccountRef, message: Message) => Promise<MessageRef>
  /** Replaces the content of a message. Rejects with `ChatError`. */
  edit: (ref: MessageRef, message: Message) => Promise<void>
  /** Attaches a file in the message's thread. Rejects with `ChatError`. */
  attach: (ref: MessageRef, file: Attachment) => Promise<void>
  /**
   * Returns the account's data, at most `personCacheMs` old. Rejects with `ChatError` if the platform is unreachable.
   */
  account: (account: AccountRef) => Promise<Account>
  /** Returns true when the platform can be reached with the configured credentials. */
  ready: () => Promise<boolean>
  /** Returns the URL of the adapter's own page once it listens; absent where it has none. */
  address?: () => string | undefined
  close: () => Promise<void>
}

/**
 * Error of a chat platform that refused a request or didn't answer. `retryAfterMs` is the delay that the platform
 * requested; `permanent` means that a retry can't succeed; `credentials` that the platform refused the bot's own
 * credentials; `advice` says what a person can do about it, in sentences.
 */
export class ChatError extends Error {
  readonly retryAfterMs: number | undefined
  readonly permanent: boolean
  readonly credentials: boolean
  readonly advice: string | undefined
  constructor(
    message: string,
    options: {
      retryAfterMs?: number
      permanent?: boolean
      credentials?: boolean
      advice?: string
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'ChatError'
    this.retryAfterMs = options.retryAfterMs
    this.permanent = options.permanent ?? false
    this.credentials = options.credentials ?? false
    this.advice = options.advice
  }
}

/** Returns true where a platform refused a request for good: a retry can't succeed. */
export function isPermanentRefusal(error: unknown): error is ChatError {
  return error instanceof ChatError && error.permanent
}

/**
 * Returns true where a platform will never take a result. One that refuses the bot's credentials takes it once the owner
 * has replaced them.
 */
export function isFinalForResults(error: unknown): boolean {
  return isPermanentRefusal(error) && !error.credentials
}

/**
 * Ordered, persistent log of entries that any process can read; the web and console adapters show it.
 * Entries are JSON; ids sort by age.
 */
export type EventStream = {
  append: (board: string, entry: unknown) => Promise<string>
  /**
   * Yields the entries after the id `after` (all when undefined), then new ones as they arrive, until `signal` aborts.
   */
  read: (board: string, after: string | undefined, signal: AbortSignal) => AsyncIterable<{ id: string; entry: unknown }>
}

import type { ChatLimits } from '#core/messages/limits'
import type { Message } from '#core/messages/message'
import type { AccountRef, Platform } from '#core/people/principal'
import type { MessageRef, ThreadRef } from '#core/people/refs'
import type { Instant } from '#core/util/instant'

/** Who an account is, as its platform says now. `name` is for showing only, never for deciding. */
export type Account = AccountRef & {
  name: string
  /** Present only where the platform has verified it. */
  email?: string
  /** `stranger`: of another workspace or tenant. `unknown`: the platform doesn't know it, or doesn't show it to us. */
  kind: 'member' | 'guest' | 'stranger' | 'bot' | 'deactivated' | 'unknown'
  /** The platform's own groups, as grants name them: `slack:usergroup/S0NETOPS`. */
  groups: readonly string[]
}

export type InboundCommand = {
  /** Who sent it, as the platform proves it. */
  account: AccountRef
  /** As typed, without the bot's name or the slash command's word. */
  text: string
  thread: ThreadRef
  /** What makes this command one command on its platform (message, trigger): the same key again is the same command. */
  key: string
  at: Instant
}

/** A button. `run` is the run's id, with a page behind it for `output`. */
export type InboundAction = {
  account: AccountRef
  action: 'approve' | 'approve-window' | 'deny' | 'cancel' | 'rerun' | 'output' | 'link' | 'end'
  run: string
  thread: ThreadRef
  key: string
  at: Instant
}

/**
 * What a chat door hands inwards, before it acknowledges. `command` and `action` resolve within two seconds: with undefined once it is
 * accepted, and then it is answered whichever process dies; else with what the door tells whoever asked, and it is never carried out.
 */
export type InboundHandlers = {
  command: (inbound: InboundCommand) => Promise<Message | undefined>
  action: (inbound: InboundAction) => Promise<Message | undefined>
  /**
   * What a form or a person's own page wants to know, in plain words (no entities): answered to the door, not into the chat.
   * Only questions are answered; what would do something is refused. Rejects when something breaks.
   */
  ask: (inbound: InboundCommand) => Promise<readonly Message[]>
}

/** A file: a text, or a picture (PNG in base64) with its content in words for people who don't see it. */
export type Attachment = { name: string; title: string } & ({ text: string } | { png: string; alt: string })

export type ChatAdapter = {
  platform: Platform
  limits: ChatLimits
  /** Starts to receive. Resolves when the adapter accepts requests. */
  listen: (inbox: InboundHandlers) => Promise<void>
  /** Writes a new message. Rejects with `ChatError`. */
  post: (thread: ThreadRef, notice: Message) => Promise<MessageRef>
  /** Writes it where only this account sees it, where the platform can do that; else as `post`. It can't be edited. */
  whisper: (thread: ThreadRef, account: AccountRef, notice: Message) => Promise<MessageRef>
  /** Replaces the message's content. Rejects with `ChatError`. */
  edit: (message: MessageRef, notice: Message) => Promise<void>
  /** Puts a file into the message's thread. Rejects with `ChatError`. */
  attach: (message: MessageRef, file: Attachment) => Promise<void>
  /**
   * Who this account is now; at most `personCacheMs` old.
   * Rejects with `ChatError` when the platform can't be asked.
   */
  account: (account: AccountRef) => Promise<Account>
  /** True when the platform can be reached with our credentials. */
  ready: () => Promise<boolean>
  close: () => Promise<void>
}

/** The chat platform didn't take it, or didn't answer. `retryAfter` (milliseconds) is the platform's own word; `permanent` means never again. */
export class ChatError extends Error {
  readonly retryAfter: number | undefined
  readonly permanent: boolean
  constructor(message: string, options: { retryAfter?: number; permanent?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'ChatError'
    this.retryAfter = options.retryAfter
    this.permanent = options.permanent ?? false
  }
}

/**
 * An ordered, lasting log of entries, readable from any process: what web and console show.
 * Entries are JSON; ids sort by age.
 */
export type EventStream = {
  append: (board: string, entry: unknown) => Promise<string>
  /** Entries after `after` (all when undefined), then new ones as they come, until `signal` aborts. */
  read: (board: string, after: string | undefined, signal: AbortSignal) => AsyncIterable<{ id: string; entry: unknown }>
}

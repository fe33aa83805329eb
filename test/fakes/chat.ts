import type { Message } from '#core/messages/message'
import type { ConversationKind } from '#core/messages/thread-or-channel'
import type { MessageRef, ThreadRef } from '#core/messages/thread-ref'
import type { Account } from '#core/people/account'
import type { Platform } from '#core/people/platforms'
import type { AccountRef } from '#core/people/principal'
import { type Attachment, type ChatAdapter, ChatError, type InboundHandlers } from '#core/ports/chat'

/** A message as it is shown now; `to`: the user who alone sees it; `edits`: how often it was edited. */
export type ShownMessage = { ref: MessageRef; message: Message; edits: number; to?: string }

export type ChatRequest = 'post' | 'postEphemeral' | 'postDirect' | 'edit' | 'attach'

export type FakeChat = ChatAdapter & {
  shown: ShownMessage[]
  files: { ref: MessageRef; file: Attachment }[]
  kind: ConversationKind
  accounts: Map<string, Account>
  /** Returns the error of a request, or undefined where it is accepted. */
  refuses: (request: ChatRequest, message: Message | Attachment) => ChatError | undefined
  inbox: InboundHandlers | undefined
  /** Returns the newest messages of a kind, oldest first. */
  ofKind: <K extends Message['kind']>(kind: K) => Extract<Message, { kind: K }>[]
}

/**
 * Holds the next edit to a message of a kind, or to any, until `arrive` is called. `isSent` resolves when it is requested.
 */
export function holdNextEdit(chat: FakeChat, kind?: Message['kind']) {
  return holdNext(chat, 'edit', kind)
}

/** Holds the next post until `arrive` is called, as `holdNextEdit` holds an edit. */
export function holdNextPost(chat: FakeChat) {
  return holdNext(chat, 'post')
}

function holdNext(chat: FakeChat, request: 'edit' | 'post', kind?: Message['kind']) {
  const { promise: mayArrive, resolve: arrive } = Promise.withResolvers<void>()
  const { promise: isSent, resolve: sent } = Promise.withResolvers<void>()
  const send = chat[request] as (ref: MessageRef | ThreadRef, message: Message) => Promise<unknown>
  const held: typeof send = async (ref, message) => {
    if (kind === undefined || message.kind === kind) {
      Object.assign(chat, { [request]: send })
      sent()
      await mayArrive
    }
    return send(ref, message)
  }
  Object.assign(chat, { [request]: held })
  return { isSent, arrive }
}

/** Returns a chat in memory. Messages are copied: what a caller changes later isn't shown. */
export function memoryChat(platform: Platform = 'slack', limits: Partial<ChatAdapter['limits']> = {}): FakeChat {
  const copy = <T>(value: T) => JSON.parse(JSON.stringify(value)) as T
  let serial = 0
  const check = (request: ChatRequest, message: Message | Attachment) => {
    const error = chat.refuses(request, message)
    if (error !== undefined) throw error
  }
  const show = (thread: ThreadRef, message: Message, to?: AccountRef): MessageRef => {
    serial += 1
    const ref = { ...thread, message: `m${serial}` }
    chat.shown.push({ ref, message: copy(message), edits: 0, ...(to === undefined ? {} : { to: to.user }) })
    return copy(ref)
  }
  const find = ({ message }: MessageRef) => {
    const found = chat.shown.find(({ ref }) => ref.message === message)
    if (found === undefined) throw new ChatError('there is no such message', { permanent: true })
    return found
  }
  const chat: FakeChat = {
    platform,
    limits: { outputChars: 2_000, editInterval: 0, fileBytes: 1_000_000, ...limits },
    shown: [],
    files: [],
    kind: 'channel',
    accounts: new Map(),
    refuses: () => undefined,
    inbox: undefined,
    ofKind: (kind) => chat.shown.flatMap(({ message }) => (message.kind === kind ? [message as never] : [])),
    async listen(inbox) {
      chat.inbox = inbox
    },
    conversation: async () => chat.kind,
    async post(thread, message) {
      check('post', message)
      return show(thread, message)
    },
    async postEphemeral(thread, account, message) {
      check('postEphemeral', message)
      return show(thread, message, account)
    },
    async postDirect({ platform: where, team }, account, message) {
      check('postDirect', message)
      return show({ platform: where, team, channel: `direct:${account.user}` }, message, account)
    },
    async edit(ref, message) {
      check('edit', message)
      const found = find(ref)
      found.message = copy(message)
      found.edits += 1
    },
    async attach(ref, file) {
      check('attach', file)
      find(ref)
      chat.files.push({ ref: copy(ref), file: copy(file) })
    },
    account: async (ref) => chat.accounts.get(ref.user) ?? { ...ref, name: ref.user, kind: 'unknown', groups: [] },
    ready: async () => true,
    close: async () => undefined,
  }
  return chat
}

import { randomUUID } from 'node:crypto'
import { type ChannelEvent, streamAdapter, streamKey } from '#adapters/common/event-stream-adapter'
import { type ListedPerson, listedAccount } from '#adapters/common/listed-people'
import { isStoreFull, type NotAccepted, notAcceptedMessage } from '#core/messages/store-unavailable-message'
import type { Account } from '#core/people/account'
import type { AccountRef } from '#core/people/principal'
import type { ChatAdapter, EventStream, InboundHandlers, InboundResult } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { defined } from '#core/util/defined'
import { withTimeout } from '#core/util/timeout'
import type { HttpTiming } from '#src/http/server'
import { type Renderings, type WebAction, type WebCommand, webServer } from './http-routes.ts'

export type WebAdapter = ChatAdapter & Required<Pick<ChatAdapter, 'address'>>

export type WebOptions = {
  /** TCP port on the loopback address; 0: any free port. */
  port: number
  /** People that the page can act as. */
  people: readonly ListedPerson[]
  channels: readonly string[]
  eventStream: EventStream
  renderings?: Renderings
  log: Log
  timing?: Pick<Timing, 'acceptTimeoutMs'> & Partial<HttpTiming>
}

const team = 'local'

/**
 * Creates the web chat, for trying the bot and for demonstrations: channels, threads, live edits, and a choice of
 * persons to act as. It has no authentication, so it is served on the loopback address only and refuses all other
 * requests.
 */
export function webAdapter(options: WebOptions): WebAdapter {
  const { people, eventStream, timing = defaultTiming } = options
  const writer = streamAdapter(
    'web',
    eventStream,
    () => new Date(),
    () => randomUUID(),
  )
  let server: { port: number; close: () => Promise<void> } | undefined

  const accountOf = (id: string): Account | undefined => {
    const account = listedAccount(people, { platform: 'web', team, user: id })
    return account.kind === 'member' ? account : undefined
  }

  const runCommand = async (
    inbox: InboundHandlers,
    account: Account,
    { channel, text, thread }: WebCommand,
  ): Promise<InboundResult> => {
    const id = randomUUID()
    const at = new Date().toISOString()
    const inThread = defined({ thread })
    const entry: ChannelEvent = { type: 'said', message: id, by: account.name, text, at, ...inThread }
    const appending = eventStream.append(streamKey('web', channel), entry)
    const appended = await withTimeout(timing.acceptTimeoutMs, writeResult(appending))
    if (appended !== 'written') return { ok: false, refusal: notAcceptedMessage(appended ?? 'away') }
    // Replies go to the command's thread; a command outside of a thread starts one.
    const threadRef = { platform: 'web' as const, team, channel, thread: thread ?? id }
    const opens = thread === undefined ? { opensThread: true as const } : {}
    return inbox.command({ account: refOf(account), text, thread: threadRef, ...opens, key: id, at })
  }

  const runAction = async (inbox: InboundHandlers, account: Account, { channel, thread, action, run }: WebAction) => {
    const threadRef = { platform: 'web' as const, team, channel, ...defined({ thread }) }
    const at = new Date().toISOString()
    return inbox.action({ account: refOf(account), action, run, thread: threadRef, key: randomUUID(), at })
  }

  return {
    platform: 'web',
    limits: { outputChars: 20_000, editInterval: 150, fileBytes: 5_000_000 },
    async listen(inbox) {
      server = await webServer({
        ...options,
        renderings: options.renderings ?? {},
        accountOf,
        entries: (channel, signal) => eventStream.read(streamKey('web', channel), undefined, signal),
        runCommand: (account, command) => runCommand(inbox, account, command),
        runAction: (account, action) => runAction(inbox, account, action),
      })
    },
    ...writer,
    conversation: async () => 'channel',
    account: async (ref) => listedAccount(people, ref),
    ready: async () => true,
    async close() {
      await server?.close()
      server = undefined
    },
    address: () => (server === undefined ? undefined : `http://localhost:${server.port}/`),
  }
}

/** Resolves once the entry is written, or with the reason why it isn't. */
function writeResult(writing: Promise<unknown>): Promise<'written' | NotAccepted> {
  return writing.then(
    () => 'written' as const,
    (error: unknown) => (isStoreFull(error) ? 'full' : 'away'),
  )
}

function refOf({ platform, team: teamId, user }: Account): AccountRef {
  return { platform, team: teamId, user }
}

import { randomUUID } from 'node:crypto'
import { type ChannelEvent, streamAdapter, streamKey } from '#adapters/common/event-stream-adapter'
import { isStoreFull, type NotAccepted, notAcceptedMessage } from '#core/messages/store-unavailable-message'
import type { AccountRef } from '#core/people/principal'
import type { Account, ChatAdapter, EventStream, InboundHandlers } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { withTimeout } from '#core/util/timeout'
import type { HttpTiming } from '#src/http/server'
import { type Press, type Renderings, type Said, type WebPerson, webServer } from './http-routes.ts'

export type WebAdapter = ChatAdapter & {
  /** Address of the page, once the adapter listens. */
  address: () => string | undefined
}

export type WebOptions = {
  /** TCP port on the loopback address; 0 takes a free one. */
  port: number
  people: readonly WebPerson[]
  channels: readonly string[]
  board: EventStream
  renderings?: Renderings
  log: Log
  timing?: Pick<Timing, 'acceptTimeoutMs'> & Partial<HttpTiming>
}

const team = 'local'

/**
 * A small chat for trying and for demonstrations: channels, threads, live edits, and a switch between persons. Anybody
 * who reaches it may be any of its persons, so it is served on the loopback address only and refuses everything else.
 */
export function webAdapter(options: WebOptions): WebAdapter {
  const { people, board, timing = defaultTiming } = options
  const chat = streamAdapter(
    'web',
    board,
    () => new Date(),
    () => randomUUID(),
  )
  let open: { port: number; close: () => Promise<void> } | undefined

  const accountOf = (id: string): Account | undefined => {
    const person = people.find((each) => each.id === id)
    if (person === undefined) return undefined
    const { name, groups } = person
    return { platform: 'web', team, user: id, name, email: id, kind: 'member', groups }
  }

  const say = async (inbox: InboundHandlers, account: Account, { channel, text, thread }: Said) => {
    const message = randomUUID()
    const at = new Date().toISOString()
    const under = thread === undefined ? {} : { thread }
    const entry: ChannelEvent = { type: 'said', message, by: account.name, text, at, ...under }
    const written = await withTimeout(timing.acceptTimeoutMs, isWritten(board.append(streamKey('web', channel), entry)))
    if (written !== true) return notAcceptedMessage(written ?? 'away')
    // Answers hang under the message that asked, or in the thread that it stands in.
    const place = { platform: 'web' as const, team, channel, thread: thread ?? message }
    return inbox.command({ account: refOf(account), text, thread: place, key: message, at })
  }

  const press = async (inbox: InboundHandlers, account: Account, { channel, thread, action, run }: Press) => {
    const place = { platform: 'web' as const, team, channel, ...(thread === undefined ? {} : { thread }) }
    const at = new Date().toISOString()
    return inbox.action({ account: refOf(account), action, run, thread: place, key: randomUUID(), at })
  }

  return {
    platform: 'web',
    limits: { outputChars: 20_000, editInterval: 150, fileBytes: 5_000_000 },
    async listen(inbox) {
      open = await webServer({
        ...options,
        renderings: options.renderings ?? {},
        accountOf,
        entries: (channel, signal) => board.read(streamKey('web', channel), undefined, signal),
        say: (account, said) => say(inbox, account, said),
        press: (account, pressed) => press(inbox, account, pressed),
      })
    },
    ...chat,
    account: async (ref) => accountOf(ref.user) ?? { ...ref, name: ref.user, kind: 'unknown', groups: [] },
    ready: async () => true,
    async close() {
      await open?.close()
      open = undefined
    },
    address: () => (open === undefined ? undefined : `http://localhost:${open.port}/`),
  }
}

/** True, or why not. */
function isWritten(writing: Promise<unknown>): Promise<true | NotAccepted> {
  return writing.then(
    () => true as const,
    (error: unknown) => (isStoreFull(error) ? 'full' : 'away'),
  )
}

function refOf({ platform, team: where, user }: Account): AccountRef {
  return { platform, team: where, user }
}

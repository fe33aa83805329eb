import { randomUUID } from 'node:crypto'
import { type ChannelEvent, streamAdapter, streamKey } from '#adapters/common/event-stream-adapter'
import { type ListedPerson, listedAccount } from '#adapters/common/listed-people'
import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'
import type { ChatAdapter, EventStream, InboundHandlers } from '#core/ports/chat'
import { exitCode } from './exit-code.ts'
import { type ConsoleOutput, idOf, messageOf } from './output-formats.ts'

export type ConsoleAdapter = ChatAdapter & {
  /**
   * Sends one command and shows its thread until its run, or all runs of a fan-out, have ended. Resolves with the exit
   * code of `exit-code.ts`; with 130 if `signal` was aborted: what runs then is canceled.
   */
  send: (person: ListedPerson, text: string, output: ConsoleOutput, signal: AbortSignal) => Promise<number>
}

const team = 'local'

/**
 * Creates the adapter for a terminal. Every command has its own channel in the event stream, so any process can reply.
 */
export function consoleAdapter(options: { eventStream: EventStream; people: readonly ListedPerson[] }): ConsoleAdapter {
  let inbox: InboundHandlers | undefined
  const writer = streamAdapter(
    'console',
    options.eventStream,
    () => new Date(),
    () => randomUUID(),
  )
  return {
    platform: 'console',
    limits: { outputChars: 100_000, editInterval: 100, fileBytes: 0 },
    async listen(handlers) {
      inbox = handlers
    },
    ...writer,
    // A terminal shows one sequence.
    conversation: async () => 'direct',
    account: async (ref) => listedAccount(options.people, ref),
    ready: async () => true,
    close: async () => undefined,
    async send(person, text, output, signal) {
      if (inbox === undefined) throw new Error('the console adapter is not listening')
      const channel = randomUUID()
      const account = { platform: 'console' as const, team, user: person.id }
      const thread = { platform: 'console' as const, team, channel }
      const at = new Date().toISOString()
      const result = await inbox.command({ account, text, thread, key: channel, at })
      if (!result.ok) output.show({ type: 'posted', message: channel, notice: result.refusal, at })
      const code = result.ok ? await follow(inbox, { account, thread, output, signal }) : exitCode(result.refusal)
      output.end(code ?? 1)
      return code ?? 1
    },
  }

  async function follow(inbound: InboundHandlers, { account, thread, output, signal }: Sent): Promise<number> {
    const seen: Seen = { after: undefined, id: undefined }
    const code = await showUntilEnd(thread, output, seen, signal)
    if (code !== undefined) return code
    if (seen.id !== undefined) {
      const channel = randomUUID()
      const at = new Date().toISOString()
      // In a channel of its own: its reply isn't part of the thread.
      await inbound.command({ account, text: `cancel ${seen.id}`, thread: { ...thread, channel }, key: channel, at })
      await showUntilEnd(thread, output, seen, AbortSignal.timeout(cancelTimeoutMs))
    }
    return interruptedCode
  }

  /** Shows a thread until its final message; resolves with the exit code, or with undefined once the signal aborts. */
  async function showUntilEnd(
    { channel }: ThreadRef,
    output: ConsoleOutput,
    seen: Seen,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    for await (const { id, entry } of options.eventStream.read(streamKey('console', channel), seen.after, signal)) {
      const event = entry as ChannelEvent
      output.show(event)
      const message = messageOf(event)
      seen.after = id
      if (message === undefined) continue
      seen.id = idOf(message) ?? seen.id
      const code = exitCode(message)
      if (code !== undefined) return code
    }
    return undefined
  }
}

/** Time that a canceled command has for its end, in ms. */
const cancelTimeoutMs = 10_000

/** Exit code of a command that was interrupted, as shells have it for Ctrl-C. */
const interruptedCode = 130

type Sent = { account: AccountRef; thread: ThreadRef; output: ConsoleOutput; signal: AbortSignal }

/** What was shown of a thread: the id of the last entry, and of the run or fan-out. */
type Seen = { after: string | undefined; id: string | undefined }

import { randomUUID } from 'node:crypto'
import { type ChannelEvent, streamAdapter, streamKey } from '#adapters/common/event-stream-adapter'
import type { Message } from '#core/messages/message'
import type { ChatAdapter, EventStream, InboundHandlers } from '#core/ports/chat'
import { consolePrinter } from './printer.ts'

export type ConsolePerson = { id: string; name: string; groups: readonly string[] }

export type ConsoleAdapter = ChatAdapter & {
  /**
   * Sends one command and prints its thread until the run ends. Resolves with the exit code: the tool's own; 1 if the
   * tool was ended before it had one, 4 if the command was refused, 2 if it could not be parsed, 130 if `signal` was
   * aborted.
   */
  send: (person: ConsolePerson, text: string, print: (text: string) => void, signal: AbortSignal) => Promise<number>
}

const team = 'local'

/**
 * Creates the adapter for a terminal. Every command has its own channel in the event stream, so any process can reply.
 */
export function consoleAdapter(options: {
  eventStream: EventStream
  people: readonly ConsolePerson[]
}): ConsoleAdapter {
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
    async account(ref) {
      const person = options.people.find(({ id }) => id === ref.user)
      if (person === undefined) return { ...ref, name: ref.user, kind: 'unknown', groups: [] }
      return { ...ref, name: person.name, email: person.id, kind: 'member', groups: person.groups }
    },
    ready: async () => true,
    close: async () => undefined,
    async send(person, text, print, signal) {
      if (inbox === undefined) throw new Error('the console adapter is not listening')
      const channel = randomUUID()
      const account = { platform: 'console' as const, team, user: person.id }
      const thread = { platform: 'console' as const, team, channel }
      const printer = consolePrinter(print)
      const refused = await inbox.command({ account, text, thread, key: channel, at: new Date().toISOString() })
      if (refused !== undefined) {
        printer.show(refused)
        return exitCode(refused) ?? 1
      }
      for await (const { entry } of options.eventStream.read(streamKey('console', channel), undefined, signal)) {
        const message = messageOf(entry as ChannelEvent)
        if (message === undefined) continue
        printer.show(message)
        const code = exitCode(message)
        if (code !== undefined) return code
      }
      return 130
    },
  }
}

function messageOf(entry: ChannelEvent): Message | undefined {
  return entry.type === 'posted' || entry.type === 'edited' ? entry.notice : undefined
}

/** Returns the exit code for a final message; undefined for an intermediate one. */
function exitCode(message: Message): number | undefined {
  switch (message.kind) {
    case 'asking':
    case 'queued':
    case 'starting':
    case 'running':
      return undefined
    case 'ended':
      return message.end.exitCode ?? 1
    case 'refused':
      return 4
    case 'misunderstood':
      return 2
    case 'trouble':
      return 1
    default:
      return 0
  }
}

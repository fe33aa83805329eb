import { randomUUID } from 'node:crypto'
import { type ChannelEvent, streamAdapter, streamKey } from '#adapters/common/event-stream-adapter'
import type { Message } from '#core/messages/message'
import type { ChatAdapter, EventStream, InboundHandlers } from '#core/ports/chat'
import { consolePrinter } from './printer.ts'

export type ConsolePerson = { id: string; name: string; groups: readonly string[] }

export type ConsoleAdapter = ChatAdapter & {
  /**
   * Sends one command and prints its thread until it has ended. Resolves with the exit code: the tool's own; 1 where a
   * tool was ended before it could give one, 4 for what was refused, 2 for what was not understood.
   */
  send: (person: ConsolePerson, text: string, print: (text: string) => void, signal: AbortSignal) => Promise<number>
}

const team = 'local'

/**
 * A chat with one thread, shown in a terminal. Every command has a channel of its own on the board, so it doesn't
 * matter which process answers.
 */
export function consoleAdapter(options: { board: EventStream; people: readonly ConsolePerson[] }): ConsoleAdapter {
  let inbox: InboundHandlers | undefined
  const board = streamAdapter(
    'console',
    options.board,
    () => new Date(),
    () => randomUUID(),
  )
  return {
    platform: 'console',
    limits: { outputChars: 100_000, editInterval: 100, fileBytes: 0 },
    async listen(to) {
      inbox = to
    },
    ...board,
    async account(ref) {
      const person = options.people.find(({ id }) => id === ref.user)
      if (person === undefined) return { ...ref, name: ref.user, kind: 'unknown', groups: [] }
      return { ...ref, name: person.name, email: person.id, kind: 'member', groups: person.groups }
    },
    ready: async () => true,
    close: async () => undefined,
    async send(person, text, print, signal) {
      if (inbox === undefined) throw new Error('the console door is not open')
      const channel = randomUUID()
      const account = { platform: 'console' as const, team, user: person.id }
      const thread = { platform: 'console' as const, team, channel }
      const printer = consolePrinter(print)
      const refused = await inbox.command({ account, text, thread, key: channel, at: new Date().toISOString() })
      if (refused !== undefined) {
        printer.show(refused)
        return exitCode(refused) ?? 1
      }
      for await (const { entry } of options.board.read(streamKey('console', channel), undefined, signal)) {
        const notice = noticeOf(entry as ChannelEvent)
        if (notice === undefined) continue
        printer.show(notice)
        const code = exitCode(notice)
        if (code !== undefined) return code
      }
      return 130
    },
  }
}

function noticeOf(entry: ChannelEvent): Message | undefined {
  return entry.type === 'posted' || entry.type === 'edited' ? entry.notice : undefined
}

/** Undefined while the thread goes on. */
function exitCode(notice: Message): number | undefined {
  switch (notice.kind) {
    case 'asking':
    case 'queued':
    case 'starting':
    case 'running':
      return undefined
    case 'ended':
      return notice.end.exitCode ?? 1
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

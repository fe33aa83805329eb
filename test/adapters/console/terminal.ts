import { consoleAdapter } from '#adapters/console/index'
import { jsonOutput, textOutput } from '#adapters/console/output-formats'
import type { InboundCommand } from '#core/ports/chat'
import { memoryEventStream } from '#test/fakes/event-stream'
import { recordInbound } from '#test/fakes/record-inbound'

const alice = { id: 'alice@example.com', name: 'Alice', groups: [] }

type ConsoleAdapter = ReturnType<typeof consoleAdapter>
type Printed = { code: number; lines: string[] }

/**
 * Opens a terminal whose commands are answered by `reply`. Returns a function that types a command of Alice's, and resolves with its exit code and
 * the printed lines.
 */
export async function openTerminal(
  reply: (adapter: ConsoleAdapter, command: InboundCommand) => Promise<void>,
): Promise<(text: string, signal: AbortSignal, output?: 'text' | 'json') => Promise<Printed>> {
  const adapter = consoleAdapter({ eventStream: memoryEventStream(), people: [alice] })
  await adapter.listen({
    ...recordInbound().handlers,
    async command(command) {
      await reply(adapter, command)
      return { ok: true }
    },
  })
  return async (text, signal, output = 'text') => {
    const lines: string[] = []
    const print = (line: string) => void lines.push(line)
    const code = await adapter.send(alice, text, output === 'json' ? jsonOutput(print) : textOutput(print), signal)
    return { code, lines }
  }
}

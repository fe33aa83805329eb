import { consoleAdapter } from '#adapters/console/index'
import { jsonOutput, textOutput } from '#adapters/console/output-formats'
import type { Platform } from '#core/people/platforms'
import type { ChatAdapter } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import type { Timing } from '#core/util/default-timings'
import { sharedTimeout } from '#core/util/timeout'
import type { Config } from '#src/config/load'
import { createInboundHandlers } from './bot.ts'
import { createBotContext } from './contexts.ts'
import { connectDirectory } from './identity.ts'
import { type OpenCluster, openInfrastructure } from './infrastructure.ts'
import { createMetrics } from './metrics.ts'
import { watchPolicyFile } from './policy-file.ts'
import { UserError } from './user-error.ts'

type Options = {
  config: Config
  file: string
  as: string
  text: string
  /** `json`: one JSON object a line. */
  output: 'text' | 'json'
  log: Log
  print: (text: string) => void
  /** Prints what isn't part of the thread. */
  printNote: (text: string) => void
  signal: AbortSignal
  openCluster?: OpenCluster
  timing?: Partial<Timing>
}

/** Sends one command through the whole system as a person of the console adapter; resolves with the exit code. */
export async function runConsole(options: Options): Promise<number> {
  const { config, log, as, print, printNote } = options
  const people = config.console?.people ?? []
  const person = people.find((each) => each.id === as)
  if (person === undefined) throw new UserError('unknown-person', `There is no console user "${as}".`)
  const parts = await openInfrastructure(config, log, options)
  const rulebook = watchPolicyFile(options.file, config, { log, timing: parts.timing })
  const consoleChat = consoleAdapter({ eventStream: parts.eventStream, people })
  try {
    await parts.redisReady()
    const { workers } = await parts.queue.counts()
    if (workers === 0) printNote('No worker is running; the run stays queued until one starts.')
    const adapters: ReadonlyMap<Platform, ChatAdapter> = new Map([[consoleChat.platform, consoleChat]])
    const directory = connectDirectory(adapters, rulebook, log)
    const context = createBotContext({ ...parts, adapters, directory, log, metrics: createMetrics(), rulebook })
    const { inbox, settled } = createInboundHandlers(context)
    await consoleChat.listen(inbox)
    const output = options.output === 'json' ? jsonOutput(print) : textOutput(print)
    const code = await consoleChat.send(person, options.text, output, options.signal)
    await settled(sharedTimeout(parts.timing.stopTimeoutMs))
    return code
  } finally {
    rulebook.close()
    await parts.close()
  }
}

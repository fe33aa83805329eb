import { UserError } from '#src/app/errors'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { start } from '#src/app/start'
import { openTracing } from '#src/app/tracing'
import { configFile, mustLoad, readOptions } from './arguments.ts'
import { collectGarbage } from './release-memory.ts'

/** `start`: runs until SIGTERM or SIGINT, then drains; a second signal ends it at once. */
export async function startCommand(argv: readonly string[]): Promise<number> {
  const { values } = readOptions(argv, { config: { type: 'string' }, role: { type: 'string', default: 'all' } })
  if (!isRole(values.role)) throw new UserError('bad-usage', `"${values.role}" is no role; take bot, worker or all.`)
  const file = configFile(values.config)
  // Into the log, whose every line is JSON; it opens with the level that the file names.
  const warnings: string[] = []
  const config = mustLoad(file, (text) => warnings.push(text))
  const log = createLogger(config.log.level)
  for (const warning of warnings) log.warn({}, warning)
  const sendLastSpans = await openTracing(values.role)
  const running = await start({ config, file, role: values.role, log })
  collectGarbage()
  if (running.web !== undefined) log.info({ address: running.web }, 'the web door is open')
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
  log.info({ signal }, 'draining: nothing new is taken, runs under way go on to their end')
  for (const again of ['SIGTERM', 'SIGINT'] as const) process.once(again, () => process.exit(1))
  await running.stop()
  await sendLastSpans()
  log.info({}, 'stopped')
  return 0
}

function isRole(word: string): word is Role {
  return word === 'bot' || word === 'worker' || word === 'all'
}

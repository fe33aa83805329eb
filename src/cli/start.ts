import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { start } from '#src/app/start'
import { countUnexpectedErrors, surviveUnexpectedErrors } from '#src/app/survive-unexpected-errors'
import { openTracing } from '#src/app/tracing'
import { UserError } from '#src/app/user-error'
import { collectGarbage } from './collect-v8-garbage.ts'
import { configFile, loadOrExit, readOptions } from './subcommand-options.ts'

/** `start`: runs until SIGTERM or SIGINT, then drains; a second signal exits at once. */
export async function startCommand(argv: readonly string[]): Promise<number> {
  const { values } = readOptions(argv, { config: { type: 'string' }, role: { type: 'string', default: 'all' } })
  if (!isRole(values.role))
    throw new UserError('bad-usage', `"${values.role}" is not a valid role; use bot, worker, terminal or all.`)
  const file = configFile(values.config)
  // Collects warnings for the log, whose lines are all JSON: the file that is loaded here names its level.
  const warnings: string[] = []
  const config = loadOrExit(file, (text) => warnings.push(text))
  const log = createLogger(config.log.level)
  for (const warning of warnings) log.warn({}, warning)
  const flushSpans = await openTracing(values.role)
  const errors = countUnexpectedErrors(log, () => performance.now())
  const running = await start({ config, file, role: values.role, log, problem: errors.problem })
  // From here on: before it has started, an error that nothing catches ends the process, which its supervisor starts again.
  surviveUnexpectedErrors(errors)
  collectGarbage()
  if (running.web !== undefined) log.info({ address: running.web }, 'the web chat is open')
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
  log.info({ signal }, 'draining: no new runs are accepted; running ones finish')
  for (const again of ['SIGTERM', 'SIGINT'] as const) process.once(again, () => process.exit(1))
  await running.stop()
  await flushSpans()
  log.info({}, 'stopped')
  return 0
}

function isRole(name: string): name is Role {
  return name === 'bot' || name === 'worker' || name === 'terminal' || name === 'all'
}

import { userInfo } from 'node:os'
import { count } from '#core/util/units'
import type { Infrastructure } from '#src/app/infrastructure'
import { UserError } from '#src/app/user-error'
import type { Config } from '#src/config/load'
import { configFile, loadOrExit, readOptions } from './subcommand-options.ts'
import { withInfrastructure } from './with-infrastructure.ts'

const options = { config: { type: 'string' }, reason: { type: 'string' }, by: { type: 'string' } } as const

/** Maximum length of a reason, which is shown in all threads. */
const maxReasonChars = 500

type Given = { config: Config; reason: string; by: string }

/** `pause --reason TEXT`: no new runs, and open ones are ended, until `resume`; on record. */
export function pause(argv: readonly string[]): Promise<number> {
  return withReason('pause', argv, async ({ audit, store, queue, now }, { reason, by }) => {
    const at = now().toISOString()
    await audit.append({ at, what: 'paused', run: '', person: by, details: { reason } })
    await store.setValue('pause', 'current', { by, reason, at })
    const [open, { workers }] = await Promise.all([store.openRuns(), queue.counts()])
    console.log(`Paused: nothing new is run. ${count(open.length, 'open run')} will be ended, and told in the threads.`)
    if (workers === 0) console.log('No worker is running: open runs are ended as soon as one starts.')
    return 0
  })
}

/** `resume --reason TEXT`: ends a pause; on record. Returns 1 where `retina.yaml` still orders one. */
export function resume(argv: readonly string[]): Promise<number> {
  return withReason('resume', argv, async ({ audit, store, now }, { config, reason, by }) => {
    const stored = await store.getValue('pause', 'current')
    if (stored !== undefined) {
      await audit.append({ at: now().toISOString(), what: 'resumed', run: '', person: by, details: { reason } })
      await store.deleteValue('pause', 'current')
    }
    if (config.paused !== undefined) {
      console.error(`Still paused by retina.yaml: ${config.paused}. Remove "paused" from it.`)
      return 1
    }
    console.log(stored === undefined ? 'There was no pause.' : 'Resumed: runs are accepted again.')
    return 0
  })
}

/** Returns the name of the user of this process, or its number where it has no name, as in a container. */
function callerName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.()}`
  }
}

/** Calls `act` with the stores and what both subcommands take. Throws `UserError` where the reason is missing or too long. */
async function withReason(
  name: string,
  argv: readonly string[],
  act: (parts: Infrastructure, given: Given) => Promise<number>,
): Promise<number> {
  const { values, positionals } = readOptions(argv, options)
  const reason = (values.reason ?? '').replaceAll(/\s+/g, ' ').trim()
  if (reason === '' || positionals.length > 0)
    throw new UserError('bad-usage', `Say why, for the record and for people's threads: \`${name} --reason "…"\`.`)
  if (reason.length > maxReasonChars)
    throw new UserError('bad-usage', `The reason is too long: ${maxReasonChars} characters at the most.`)
  const config = loadOrExit(configFile(values.config))
  const by = values.by ?? `${callerName()} (command line)`
  return withInfrastructure(config, (parts) => act(parts, { config, reason, by }))
}

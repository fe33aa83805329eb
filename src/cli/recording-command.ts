import { verified } from '#core/ports/store'
import { UserError } from '#src/app/user-error'
import { verifyRecording } from '#src/app/verify-recording'
import { configFile, loadOrExit, readOptions } from './subcommand-options.ts'
import { withInfrastructure } from './with-infrastructure.ts'

/**
 * `recording verify ID`: returns 0 where the recording of a session is what was recorded, by its encryption, its chain of hashes and the audit
 * log, and 1 with the place where it isn't.
 */
export async function recording(argv: readonly string[]): Promise<number> {
  const [verb, id, ...rest] = argv
  const { values } = readOptions(rest, { config: { type: 'string' } })
  if (verb !== 'verify' || id === undefined || !/^[a-z0-9-]{1,64}$/.test(id))
    throw new UserError('bad-usage', 'Usage: `recording verify ID`; `recordings` in the chat lists ids.')
  return withInfrastructure(loadOrExit(configFile(values.config)), async (parts) => {
    const stored = verified(await parts.store.field('recordings', 'all', id))
    const result =
      stored === undefined
        ? { mistake: 'there is none, or its description was changed' }
        : await verifyRecording(parts, stored)
    if ('mistake' in result) {
      console.error(`The recording of ${id} is not intact: ${result.mistake}.`)
      return 1
    }
    console.log(
      `The recording of ${id} is intact: ${result.events} events, ${result.bytes} bytes of output, hash ${result.hash}.`,
    )
    return 0
  })
}

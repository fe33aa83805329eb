import { count } from '#core/util/units'
import { knownNames } from '#src/app/policy-file'
import { UserError } from '#src/app/user-error'
import { loadConfig, remarkText } from '#src/config/load'
import { readOptions } from './arguments.ts'

/** `config check FILE`: returns 0 when the file is valid (warnings are shown), 1 when it isn't. */
export async function checkConfig(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv
  const { positionals } = readOptions(rest, {})
  const [file] = positionals
  if (verb !== 'check' || file === undefined || positionals.length > 1) {
    throw new UserError('bad-usage', 'Usage: `config check FILE`.')
  }
  const loaded = loadConfig(file, process.env, knownNames())
  if ('mistakes' in loaded) {
    for (const mistake of loaded.mistakes) console.error(remarkText(file, mistake))
    return 1
  }
  for (const warning of loaded.warnings) console.error(`warning: ${remarkText(file, warning)}`)
  const { policy, clusters } = loaded.config
  const { sets, grants } = policy
  console.log(
    `${file}: valid. ${count(clusters.length, 'cluster')}, ${count(sets.length, 'capability set')}, ${count(grants.length, 'grant')}.`,
  )
  return 0
}

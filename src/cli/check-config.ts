import { count } from '#core/util/units'
import { loadPlaybooks } from '#src/app/playbooks'
import { knownNames } from '#src/app/policy-file'
import { UserError } from '#src/app/user-error'
import { loadConfig, remarkText } from '#src/config/load'
import { readOptions } from './subcommand-options.ts'

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
  const { playbooks: patterns, policy, clusters } = loaded.config
  const read = loadPlaybooks(file, loaded.config)
  if ('mistakes' in read) {
    for (const mistake of read.mistakes) console.error(mistake)
    return 1
  }
  for (const warning of loaded.warnings) console.error(`warning: ${remarkText(file, warning)}`)
  const { sets, grants } = policy
  const own = [...read.playbooks.values()].filter(({ source }) => source !== undefined)
  const parts = [
    count(clusters.length, 'cluster'),
    count(sets.length, 'capability set'),
    count(grants.length, 'grant'),
    ...(patterns.length === 0 ? [] : [count(own.length, 'playbook')]),
  ]
  console.log(`${file}: valid. ${parts.join(', ')}.`)
  return 0
}

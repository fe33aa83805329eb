import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { admissionFile } from '#src/app/admission-file'
import { UserError } from '#src/app/user-error'
import type { Config } from '#src/config/load'
import { configFile, loadOrExit, readOptions } from './subcommand-options.ts'

const options = {
  config: { type: 'string' },
  account: { type: 'string', multiple: true },
  impersonate: { type: 'boolean', default: false },
  helm: { type: 'boolean', default: false },
} as const

/** Returns the service accounts of the roles that a configuration needs, as the chart names them in its usual namespace. */
export function defaultAccounts({ terminal }: Pick<Config, 'terminal'>): string[] {
  const roles = ['bot', 'worker', ...(terminal === undefined ? [] : ['terminal'])]
  return roles.map((role) => `system:serviceaccount:retina-chatops-system:${role}`)
}

/**
 * `admission-policy`: prints YAML by which the API server itself refuses what the file can never allow. With
 * `--impersonate`, also the right to impersonate the people and groups that the file names; with `--helm`, what the chart
 * checks.
 */
export async function printAdmissionPolicy(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, options)
  if (positionals.length > 0) throw new UserError('bad-usage', 'Usage: `admission-policy [--config FILE] [--helm]`.')
  const file = configFile(values.config)
  const image = Object.keys(process.env).find((name) => name.startsWith('RETINA_SHELL_IMAGE_'))
  if (values.helm && image !== undefined) {
    throw new UserError('bad-usage', `The chart takes the shell image from ${file}: unset ${image}.`)
  }
  const config = loadOrExit(file)
  const { account: accounts = defaultAccounts(config), impersonate } = values
  const source = values.helm ? readFileSync(file, 'utf8') : undefined
  const toYaml = (object: object) => stringify(object, { lineWidth: 0 })
  console.log(admissionFile(config, { accounts, impersonate }, toYaml, source))
  return 0
}

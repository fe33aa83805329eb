import { stringify } from 'yaml'
import { admissionObjects } from '#src/app/admission-objects'
import { UserError } from '#src/app/user-error'
import { configFile, loadOrExit, readOptions } from './arguments.ts'

const options = {
  config: { type: 'string' },
  account: { type: 'string', multiple: true },
  impersonate: { type: 'boolean', default: false },
} as const

/** Service accounts of bot and worker in deploy/kubernetes/rights.yaml. */
const defaultAccounts = [
  'system:serviceaccount:retina-chatops-system:bot',
  'system:serviceaccount:retina-chatops-system:worker',
]

/**
 * `admission-policy`: prints YAML by which the API server itself refuses what the file can never allow. With
 * `--impersonate`, also the right to impersonate the people and groups that the file names.
 */
export async function printAdmissionPolicy(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, options)
  if (positionals.length > 0) throw new UserError('bad-usage', 'Usage: `admission-policy [--config FILE]`.')
  const config = loadOrExit(configFile(values.config))
  const accounts = values.account ?? defaultAccounts
  const objects = admissionObjects(config, { accounts, impersonate: values.impersonate })
  const header =
    '# Generated from retina.yaml by `retina-chatops admission-policy`. Generate it again whenever its sets change.\n'
  console.log(`${header}${objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n')}`)
  return 0
}

import { stringify } from 'yaml'
import { admissionObjects } from '#src/app/admission-objects'
import { UserError } from '#src/app/user-error'
import type { Config } from '#src/config/load'
import { configFile, loadOrExit, readOptions } from './arguments.ts'

const options = {
  config: { type: 'string' },
  account: { type: 'string', multiple: true },
  impersonate: { type: 'boolean', default: false },
} as const

/** Service accounts of bot and worker in deploy/kubernetes/rights.yaml. */
export const defaultAccounts = [
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
  console.log(admissionPolicyText(config, { accounts, impersonate: values.impersonate }))
  return 0
}

/** Returns the objects of `admission-policy` as YAML. */
export function admissionPolicyText(config: Config, options: Parameters<typeof admissionObjects>[1]): string {
  const header =
    '# Generated from retina.yaml by `retina-chatops admission-policy`. Generate it again whenever its sets change.\n'
  const objects = admissionObjects(config, options)
  return `${header}${objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n')}`
}

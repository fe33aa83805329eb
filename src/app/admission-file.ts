import { createHash } from 'node:crypto'
import { policyPart } from '#src/config/admission-policy-source'
import type { Config } from '#src/config/load'
import { admissionObjects } from './admission-objects.ts'
import { version } from './version.ts'

/** Accounts of bot and workers, and whether the policy lets them act for the people that the file names. */
export type AdmissionFileOptions = { accounts: readonly string[]; impersonate: boolean }

const header =
  '# Generated from retina.yaml by `retina-chatops admission-policy`. Generate it again whenever its sets change.\n'

/**
 * Returns the text of a file with the admission policy. `stringify`: writes an object as YAML. `source`: text of retina.yaml, for
 * the line by which the Helm chart checks that the policy was made from the same file, for its accounts, by its version;
 * without it there is none.
 */
export function admissionFile(
  config: Config,
  options: AdmissionFileOptions,
  stringify: (object: object) => string,
  source?: string,
): string {
  const objects = admissionObjects(config, options)
  return `${header}${source === undefined ? '' : chartLine(source, options)}${objects.map(stringify).join('---\n')}`
}

function chartLine(source: string, { accounts, impersonate }: AdmissionFileOptions): string {
  const sha256 = createHash('sha256').update(policyPart(source, impersonate)).digest('hex')
  const fields = { version, sha256, impersonate, accounts: accounts.join(',') }
  return `# for the chart: ${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}\n`
}

import { UserError } from '#src/app/user-error'
import { configJsonSchema, policyTestsJsonSchema } from '#src/config/json-schema'
import { playbookJsonSchema } from '#src/playbooks/json-schema'
import { readOptions } from './subcommand-options.ts'

const schemas: ReadonlyMap<string, () => object> = new Map([
  ['config', configJsonSchema],
  ['policy-test', policyTestsJsonSchema],
  ['playbook', playbookJsonSchema],
])

/** `schema config|policy-test|playbook`: prints the JSON Schema of a file, for editors and CI. */
export async function printSchema(argv: readonly string[]): Promise<number> {
  const { positionals } = readOptions(argv, {})
  const [name = '', ...others] = positionals
  const schema = schemas.get(name)
  if (schema === undefined || others.length > 0)
    throw new UserError('bad-usage', 'Usage: `schema config`, `schema policy-test` or `schema playbook`.')
  console.log(JSON.stringify(schema(), null, 2))
  return 0
}

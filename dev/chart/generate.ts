import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configJsonSchema, policyTestsJsonSchema } from '#src/config/json-schema'
import { playbookJsonSchema } from '#src/playbooks/json-schema'
import { helmTemplate } from './helm.ts'
import { manifests } from './manifests.ts'
import { documentedValues } from './values-comments.ts'
import { valuesJsonSchema } from './values-schema.ts'

const root = join(import.meta.dirname, '../..')
export const chartFolder = join(root, 'deploy/helm/retina-chatops')

/** Path from the root → text of each file that is made from others; test/deploy/chart-files.test.ts compares them. */
export async function generatedFiles(): Promise<Record<string, string>> {
  return {
    ...staticFiles(),
    ...(await manifests(helmTemplate)),
  }
}

/** Returns the generated files that need no helm. */
export function staticFiles(): Record<string, string> {
  const values = documentedValues(readFileSync(join(chartFolder, 'values.yaml'), 'utf8'))
  const described = new Map(values.map(({ path, description }) => [path.join('.'), description]))
  const schema = valuesJsonSchema((path) => described.get(path.join('.')))
  const readme = join(chartFolder, 'README.md')
  return {
    'deploy/helm/retina-chatops/values.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
    'deploy/schema/retina.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    'deploy/schema/playbook.schema.json': `${JSON.stringify(playbookJsonSchema(), null, 2)}\n`,
    'deploy/schema/policy-tests.schema.json': `${JSON.stringify(policyTestsJsonSchema(), null, 2)}\n`,
    'deploy/helm/retina-chatops/README.md': withTable(readFileSync(readme, 'utf8'), values),
  }
}

const [begin, end] = ['<!-- values: begin -->', '<!-- values: end -->']

function withTable(text: string, values: ReturnType<typeof documentedValues>): string {
  const cell = (value: string) => value.replaceAll('|', '\\|')
  const rows = values.map(
    ({ path, description, fallback }) =>
      `| \`${path.join('.')}\` | \`${cell(fallback)}\` | ${cell(description ?? '')} |`,
  )
  const table = ['| value | default | |', '|---|---|---|', ...rows].join('\n')
  return `${text.slice(0, text.indexOf(begin) + begin.length)}\n\n${table}\n\n${text.slice(text.indexOf(end))}`
}

if (import.meta.filename === process.argv[1]) {
  for (const [path, text] of Object.entries(staticFiles())) writeFileSync(join(root, path), text)
  // Afterwards: helm checks values against the schema that was just written.
  for (const [path, text] of Object.entries(await manifests(helmTemplate))) writeFileSync(join(root, path), text)
}

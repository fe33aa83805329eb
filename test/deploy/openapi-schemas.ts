import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Schema = {
  type?: string
  format?: string
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema | boolean
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[]
  [key: string]: unknown
}

/**
 * Writes an API server's schemas (`/openapi/v2`) as kubeconform reads them: a file a kind, which refers to one file with all
 * definitions. A field that isn't defined is refused. Returns the location for kubeconform.
 */
export function writeSchemas(openapi: string, folder: string): string {
  const { definitions } = JSON.parse(openapi) as { definitions: Record<string, Schema> }
  const strict = Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, toStrict(name, schema)]))
  writeFileSync(join(folder, '_definitions.json'), JSON.stringify({ definitions: strict }))
  for (const [name, schema] of Object.entries(definitions)) {
    for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
      const file = `${kind}-${group === '' ? '' : `${group.split('.')[0]}-`}${version}.json`.toLowerCase()
      writeFileSync(join(folder, file), JSON.stringify({ $ref: `_definitions.json#/definitions/${name}` }))
    }
  }
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json')
}

function toStrict(name: string, schema: Schema): Schema {
  if (schema.format === 'int-or-string') return { oneOf: [{ type: 'string' }, { type: 'integer' }] }
  if (name.endsWith('.resource.Quantity')) return { oneOf: [{ type: 'string' }, { type: 'number' }] }
  const { properties, ...rest } = schema
  if (properties === undefined) return rest
  const inner = Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, toStrict('', each)]))
  return { ...rest, properties: inner, additionalProperties: false }
}

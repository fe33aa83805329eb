import { parse } from 'yaml'
import { z } from 'zod'

/** Returns what a JSON schema finds wrong with a YAML text. `schema`: text of the schema. */
export function schemaIssues(schema: string, text: string): readonly unknown[] {
  const checker = z.fromJSONSchema(JSON.parse(schema) as Parameters<typeof z.fromJSONSchema>[0])
  return checker.safeParse(parse(text)).error?.issues ?? []
}

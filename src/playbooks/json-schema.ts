import { z } from 'zod'
import { playbookSchema } from './schema.ts'

/** Returns the JSON Schema of a playbook, for editors and CI. */
export function playbookJsonSchema(): object {
  const made = z.toJSONSchema(playbookSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' })
  return { title: 'Playbook of Retina ChatOps', ...made }
}

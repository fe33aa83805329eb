import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const files = ['retina.yaml', '../../deploy/starter-policy.yaml']

/** Returns the text of the demo's configuration: its own file, and the starter policy. */
export function demoConfigText(): string {
  return files.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join('\n')
}

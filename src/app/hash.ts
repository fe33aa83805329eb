import { createHash } from 'node:crypto'
import { canonicalJson } from '#core/util/canonical-json'

/** SHA-256 (hex) of a value, the same whatever order it was built in. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

import { createHash } from 'node:crypto'
import { canonicalJson } from '#core/util/canonical-json'

/** Returns the SHA-256 (hex) of a value, independent of the order of its keys. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

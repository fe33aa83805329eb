import { createHash } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * Returns the run id of a chat event: 12 characters of a–z and 2–7 (60 bits of SHA-256), the same for the same parts.
 * Short enough for people to type, and valid inside the name of a Kubernetes object.
 */
export function runIdOf(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  // Hashes the lengths too, so that ["ab","c"] and ["a","bc"] differ.
  for (const part of parts) hash.update(`${part.length}:${part}`)
  const digest = hash.digest()
  return Array.from(digest.subarray(0, 12), (byte) => alphabet[byte & 31]).join('')
}

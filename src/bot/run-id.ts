import { createHash } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * The id of what one chat event asks for: 12 characters of a–z and 2–7 (60 bits of SHA-256), the same for the same
 * parts. Short enough for people to type, and valid inside the name of a Kubernetes object.
 */
export function runIdOf(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  // Lengths keep ["ab","c"] and ["a","bc"] apart.
  for (const part of parts) hash.update(`${part.length}:${part}`)
  const digest = hash.digest()
  return Array.from(digest.subarray(0, 12), (byte) => alphabet[byte & 31]).join('')
}

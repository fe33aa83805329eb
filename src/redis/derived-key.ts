import { hkdfSync } from 'node:crypto'

/** What a key signs. Each purpose has a key of its own, so that a signature for one is invalid for all others. */
export type KeyPurpose =
  | 'runs'
  | 'values'
  | 'transcripts'
  | 'sessions'
  | 'commands'
  | 'audit'
  | 'events'
  | 'container-uid'
  | 'frames'
  | 'terminal'
  | 'artifacts'
  | 'recordings'
  | 'recording-keys'

/**
 * Secret of an installation, or several: the first one signs, and the others are accepted too, while one replaces
 * another. Undefined where it has none: then nothing is signed or verified.
 */
export type Secrets = string | readonly string[] | undefined

export function secretsOf(secrets: Secrets): readonly string[] {
  if (secrets === undefined) return []
  return typeof secrets === 'string' ? [secrets] : secrets
}

/** Derives the key (32 bytes) of a purpose from the installation's secret. Source: RFC 5869, HKDF with SHA-256. */
export function deriveKey(secret: string, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'retina-chatops', purpose, 32))
}

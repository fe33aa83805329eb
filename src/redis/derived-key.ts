import { hkdfSync } from 'node:crypto'

/** What a key is for. Each purpose has a key of its own, which tells nothing about those of the others. */
export type KeyPurpose = 'container-uid'

/** Derives the key (32 bytes) of a purpose from the installation's secret. Source: RFC 5869, HKDF with SHA-256. */
export function deriveKey(secret: string, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'retina-chatops', purpose, 32))
}

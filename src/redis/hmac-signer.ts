import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Signer } from '#core/ports/signing'
import { deriveKey, type KeyPurpose } from './derived-key.ts'

/** Signs with HMAC-SHA-256 over store key and text. Without a signing key nothing is signed or verified. */
export function createSigner(signingKey: string | Buffer | undefined): Signer {
  const macOf = (key: string, text: string) =>
    signingKey === undefined ? '' : createHmac('sha256', signingKey).update(`${key}\n${text}`).digest('base64url')
  return {
    sign: (key, text) => `${macOf(key, text)}.${text}`,
    verify(key, signed = '') {
      const separatorIndex = signed.indexOf('.')
      if (separatorIndex === -1) return undefined
      const text = signed.slice(separatorIndex + 1)
      const [given, right] = [Buffer.from(signed.slice(0, separatorIndex)), Buffer.from(macOf(key, text))]
      return given.length === right.length && timingSafeEqual(given, right) ? text : undefined
    },
  }
}

/** Returns a signer that also verifies what version 0.1 signed, with the installation's secret itself. */
export function alsoEarlier(signer: Signer, secret: string | undefined): Signer {
  const earlier = createSigner(secret)
  return { sign: signer.sign, verify: (key, signed) => signer.verify(key, signed) ?? earlier.verify(key, signed) }
}

/** Creates the signer of one purpose; `secret` is the installation's, and undefined where it has none. */
export function signerFor(secret: string | undefined, purpose: KeyPurpose): Signer {
  return createSigner(secret === undefined ? undefined : deriveKey(secret, purpose))
}

import { createHmac, timingSafeEqual } from 'node:crypto'

import type { Signer } from '#core/ports/signing'

/** Signs with HMAC-SHA-256 over key and text. Without a secret nothing is signed or verified. */
export function createSigner(secret: string | undefined): Signer {
  const macOf = (key: string, text: string) =>
    secret === undefined ? '' : createHmac('sha256', secret).update(`${key}\n${text}`).digest('base64url')
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

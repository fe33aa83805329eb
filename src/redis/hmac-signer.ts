import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { NewerFormatError, type Signer, storeFormat } from '#core/ports/signing'
import { deriveKey, type KeyPurpose, type Secrets, secretsOf } from './derived-key.ts'

/**
 * Signs with HMAC-SHA-256 over store key and text. Without a signing key nothing is signed or verified. `others`: keys
 * whose signatures are valid too.
 *
 * A stored text is `SIGNATURE.TEXT` in the format 1, and `fN.SIGNATURE.TEXT` in any later format N, where the signature
 * covers `fN`, a line break, and what it covers in format 1: so a version that doesn't know N can still tell a newer
 * text from a forged one.
 */
export function createSigner(
  signingKey: string | Buffer | undefined,
  others: readonly (string | Buffer)[] = [],
): Signer {
  const keys = [signingKey, ...others].map((each) =>
    each === undefined ? undefined : createSecretKey(Buffer.from(each)),
  )
  const macOf = (by: KeyObject | undefined, tag: string, key: string, text: string) =>
    by === undefined ? '' : createHmac('sha256', by).update(`${tag}${key}\n${text}`).digest('base64url')
  const forms = (key: string, text: string) => keys.map((by) => `${macOf(by, '', key, text)}.${text}`)
  return {
    sign: (key, text) => `${macOf(keys[0], '', key, text)}.${text}`,
    verify(key, signed = '') {
      const format = formatOf(signed)
      const rest = format === 1 ? signed : signed.slice(signed.indexOf('.') + 1)
      const tag = format === 1 ? '' : `f${format}\n`
      const separatorIndex = rest.indexOf('.')
      if (separatorIndex === -1) return undefined
      const text = rest.slice(separatorIndex + 1)
      const given = Buffer.from(rest.slice(0, separatorIndex))
      const isValid = keys.some((by) => {
        const right = Buffer.from(macOf(by, tag, key, text))
        return given.length === right.length && timingSafeEqual(given, right)
      })
      if (!isValid) return undefined
      if (format > storeFormat) throw new NewerFormatError(key, format)
      return text
    },
    forms,
  }
}

/** Returns the format of a stored text. No signature is as short as the tag of a format. */
function formatOf(signed: string): number {
  const end = signed.indexOf('.')
  const tag = end === -1 || end > 7 ? '' : signed.slice(0, end)
  return /^f\d{1,6}$/.test(tag) ? Number(tag.slice(1)) : 1
}

/** Returns a signer that also verifies what version 0.1 signed, with the installation's secrets themselves. */
export function alsoEarlier(signer: Signer, secrets: Secrets): Signer {
  const earlier = earlierSigner(secrets)
  return { ...signer, verify: (key, signed) => signer.verify(key, signed) ?? earlier.verify(key, signed) }
}

/** Returns a signer of version 0.1, which signed with the installation's secret itself. */
export function earlierSigner(secrets: Secrets): Signer {
  const [first, ...others] = secretsOf(secrets)
  return createSigner(first, others)
}

/** Creates the signer of one purpose. */
export function signerFor(secrets: Secrets, purpose: KeyPurpose): Signer {
  const [first, ...others] = secretsOf(secrets).map((secret) => deriveKey(secret, purpose))
  return createSigner(first, others)
}

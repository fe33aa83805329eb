import { createCipheriv, createDecipheriv, createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'

/** Keys of recordings: each recording has one of its own, which is stored encrypted with a key of the installation. */
export type RecordingCipher = {
  newKey: (id: string) => { key: KeyObject; wrapped: string }
  /** Returns a recording's key; undefined where it was encrypted with a key that isn't here. */
  openKey: (id: string, wrapped: string) => KeyObject | undefined
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** `secrets`: 32 bytes each; the first one encrypts, the others are accepted too. */
export function recordingCipher(secrets: readonly Buffer[]): RecordingCipher {
  const keys = secrets.map((each) => createSecretKey(each))
  const [first] = keys
  if (first === undefined) throw new Error('recordings need a key')
  return {
    newKey(id) {
      const key = randomBytes(32)
      const wrapped = encrypt(first, `recording-key:${id}`, key).toString('base64url')
      return { key: createSecretKey(key), wrapped }
    },
    openKey(id, wrapped) {
      const bytes = Buffer.from(wrapped, 'base64url')
      for (const each of keys) {
        const key = decrypt(each, `recording-key:${id}`, bytes)
        if (key !== undefined) return createSecretKey(key)
      }
      return undefined
    },
  }
}

/** Place of an event: it can be decrypted at no other. `number`: from 0. */
type Place = { id: string; number: number }

const placeText = ({ id, number }: Place) => `recording:${id}:${number}`

export function sealEvent(key: KeyObject, place: Place, event: Uint8Array): Buffer {
  return encrypt(key, placeText(place), event)
}

/** Returns an encrypted event; undefined where it was changed, or stands at another place. */
export function openEvent(key: KeyObject, place: Place, sealed: Uint8Array): Buffer | undefined {
  return decrypt(key, placeText(place), sealed)
}

/** Returns the hash (hex) of an encrypted event, which covers all events before it. */
export function nextHash(before: string, sealed: Uint8Array): string {
  return createHash('sha256').update(Buffer.from(before, 'hex')).update(sealed).digest('hex')
}

function encrypt(key: KeyObject, about: string, bytes: Uint8Array): Buffer {
  // Random: a number may be used again where a process died before its event was stored.
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(about))
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: KeyObject, about: string, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
  } catch {
    return undefined
  }
}

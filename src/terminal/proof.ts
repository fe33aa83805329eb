import { createPublicKey, randomBytes, verify } from 'node:crypto'
import type { BrowserKey } from '#core/terminal/terminal-session'

/** Returns a random text that a browser has to sign, for one connection. */
export function newNonce(): string {
  return randomBytes(32).toString('base64url')
}

/** Returns what a browser signs: it is valid for one site, one session and one connection. */
function signedText({ origin, id, nonce }: { origin: string; id: string; nonce: string }): string {
  return `retina-terminal\n${origin}\n${id}\n${nonce}`
}

/** Returns true where the browser that the session is bound to signed this nonce. Total: never throws. */
export function isProven(key: BrowserKey, what: { origin: string; id: string; nonce: string }, proof: string): boolean {
  try {
    const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: key.x, y: key.y }, format: 'jwk' })
    const signature = Buffer.from(proof, 'base64url')
    return verify('sha256', Buffer.from(signedText(what)), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
  } catch {
    return false
  }
}

/** Returns a browser's public key; undefined for anything that isn't a point on P-256. */
export function toBrowserKey(value: unknown): BrowserKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { x, y } = value as Record<string, unknown>
  const isCoordinate = (each: unknown): each is string => typeof each === 'string' && /^[\w-]{43}$/.test(each)
  if (!isCoordinate(x) || !isCoordinate(y)) return undefined
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
    return { x, y }
  } catch {
    return undefined
  }
}

import { createHmac } from 'node:crypto'

/** Signs a text as a later version would, which stores the format 2. */
export function signLater(secret: string, key: string, text: string): string {
  return `f2.${createHmac('sha256', secret).update(`f2\n${key}\n${text}`).digest('base64url')}.${text}`
}

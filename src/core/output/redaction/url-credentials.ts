import { isPlaceholder, isRandom } from './classify-value.ts'
import type { SecretSpan } from './secret-span.ts'

/** Characters before which an address begins. */
const isDelimiter = (code: number) =>
  code <= 0x20 ||
  code === 0x22 ||
  code === 0x27 ||
  code === 0x3c ||
  code === 0x3e ||
  code === 0x60 ||
  code === 0x28 ||
  code === 0x2400

/** Maximum characters of a user's name and password before the "@" of an address. */
const maxUserInfo = 1_024

/** Finds passwords and tokens before the "@" of addresses: `scheme://user:password@host`, `user:password@tcp(host)`, `https://token@host`. */
export function findAddressPasswords(text: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  let before = -1
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    let start = at
    // Each character is read for one "@", so that the time is linear.
    while (start > before + 1 && at - start < maxUserInfo && !isDelimiter(text.charCodeAt(start - 1))) start -= 1
    const last = spans.at(-1)
    const isInPassword =
      last !== undefined && last.end === before && start === before + 1 && !text.slice(start, at).includes('/')
    if (isInPassword && /[\w[]/.test(text.charAt(at + 1))) last.end = at
    else spans.push(...findPassword(text, start, at))
    before = at
  }
  return spans
}

function findPassword(text: string, start: number, at: number): SecretSpan[] {
  if (!/[\w[*$%{]/.test(text.charAt(at + 1))) return []
  const segment = text.slice(start, at)
  const scheme = segment.lastIndexOf('://')
  const userStart = scheme === -1 ? segment.lastIndexOf('=') + 1 : scheme + 3
  const user = segment.slice(userStart)
  const colon = user.indexOf(':')
  const from = start + userStart + colon + 1
  const password = user.slice(colon + 1)
  // Services take a token as the name of the user, beside an empty password or a word.
  if (scheme !== -1 && colon !== -1 && isRandom(user.slice(0, colon), 16) && !/^\d{1,5}\//.test(password))
    return [{ start: start + userStart, end: at, kind: 'token' }]
  const span = { start: from, end: at, kind: colon === -1 ? 'token' : 'password' } as const
  if (isPlaceholder(password)) return []
  if (scheme === -1) return colon !== -1 && isAloneAddress(text, user, password, at) ? [span] : []
  if (colon === -1) return !user.includes('/') && isRandom(user, 16) ? [span] : []
  // A port and a path with an "@" in it.
  return /^\d{1,5}\//.test(password) || user.slice(0, colon).includes('/') ? [] : [span]
}

/** Returns true for `user:password@` without a scheme: before a network, or where the password looks random. */
function isAloneAddress(text: string, user: string, password: string, at: number): boolean {
  if (/^@(?:tcp|udp|unix)\(/.test(text.slice(at, at + 6))) return true
  if (user.includes('/') || text.startsWith('@sha', at) || !/^[A-Za-z_][\w.-]*:/.test(user)) return false
  return isRandom(password, 8)
}

import { firstChars } from '#core/util/cut-text'
import { quoteLine } from '#core/util/one-line'
import { type AccountRef, accountText } from './principal.ts'

/** Maximum number of characters of a display name, and of an id, on a card. */
const maxNameChars = 60
const maxIdChars = 150

/**
 * Returns an id as text. Other characters than those of e-mail addresses and of platforms' ids are written as code
 * points, so that `аlice` with a Cyrillic letter differs from `alice`.
 */
export function idText(id: string): string {
  let text = ''
  for (const each of id) {
    text += /[A-Za-z0-9@._+:/=~#$&*!?^|{}-]/.test(each) ? each : `\\u{${each.codePointAt(0)?.toString(16)}}`
    if (text.length > maxIdChars) return `${firstChars(text, maxIdChars)}…`
  }
  return text
}

/**
 * Returns a person as text: the display name, which its owner chooses, quoted, then the stable ids: `"Bob"
 * (bob@example.com)`, with `account` also that of the platform.
 */
export function personText({ id, name }: { id: string; name: string }, account?: AccountRef): string {
  const platformId = account === undefined ? undefined : accountText(account)
  const ids = [id, ...(platformId === undefined || platformId === id ? [] : [platformId])]
  return `${quoteLine(name, maxNameChars)} (${ids.map(idText).join(', ')})`
}

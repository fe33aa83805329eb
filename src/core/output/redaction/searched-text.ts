import { lastBefore } from './binary-search-position.ts'
import { anyMark, type SecretSpan } from './secret-span.ts'

/** Marks that `sanitise` puts in the place of what isn't visible, and escape codes with such a mark. The mark of NUL separates, as NUL does. */
const marks =
  /⟨U\+[0-9A-F]{4,6}⟩|␛(?:\[[0-9;:?<=>!]{0,40}[ -/]{0,4}[@-~]|\][^␇␛\n]{0,256}(?:␇|␛\\)|[()*+][A-Z0-9]|[=>78cDEHMNOZ])?|[␁-␟␡]/g

/** Text as it is searched for secrets, and a function that moves spans of it into the text that is shown. */
export type Searched = { plain: string; toShown: (spans: readonly SecretSpan[]) => SecretSpan[] }

/**
 * Returns the text in which secrets are searched: without marks of what isn't visible, so that these hide no secret, and with signs in the place of secrets
 * that are hidden already.
 */
export function toSearched(text: string): Searched {
  const { plain, toShown } = readThroughMarks(text)
  if (!plain.includes('[redacted: ')) return { plain, toShown }
  const neutral = plain.replaceAll(anyMark, (mark) => '*'.repeat(mark.length))
  const isHidden = ({ start, end }: SecretSpan) => /^\**$/.test(neutral.slice(start, end))
  return { plain: neutral, toShown: (spans) => toShown(spans.filter((span) => !isHidden(span))) }
}

/** Spaces that don't break, and wide forms of ASCII's characters: of each, another character means the same. */
const unusualForms = /[\u00a0\uff01-\uff5e]/g

function toUsual(character: string): string {
  return character === '\u00a0' ? ' ' : String.fromCodePoint((character.codePointAt(0) ?? 0) - 0xfee0)
}

function readThroughMarks(text: string): Searched {
  const plainSpaces = text.replace(unusualForms, toUsual)
  if (text.search(/[⟨␁-␡]/) === -1) return { plain: plainSpaces, toShown: (spans) => [...spans] }
  /** Each mark's position in the plain text, and how many characters of marks come before and with it. */
  const removed: { at: number; count: number }[] = []
  let count = 0
  const plain = plainSpaces.replace(marks, (mark, index: number) => {
    const at = index - count
    count += mark.length
    removed.push({ at, count })
    return ''
  })
  const countBefore = (at: number) => removed[lastBefore(removed, at)]?.count ?? 0
  const toShown = (spans: readonly SecretSpan[]) =>
    spans.map((span) => ({
      ...span,
      start: span.start + countBefore(span.start),
      // A mark right after the span isn't part of it.
      end: span.end + countBefore(span.end - 1),
    }))
  return { plain, toShown }
}

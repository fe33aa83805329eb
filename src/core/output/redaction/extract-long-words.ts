import { lastBefore } from './binary-search-position.ts'
import type { SecretSpan } from './secret-span.ts'

/** Shortest word that may be a token or an encoded text. */
const minChars = 20

/** True at the codes of characters that long words consist of: letters, digits and `_ . ~ + / = : $ ! % , @ -`. */
const isWordCode = Uint8Array.from({ length: 128 }, (_each, code) =>
  Number(/[\w.~+/=:$!%,@-]/.test(String.fromCodePoint(code))),
)

/** Long words of a text, a line each, and a function that moves spans of them into the text. */
type LongWords = { joined: string; toText: (spans: readonly SecretSpan[]) => SecretSpan[] }

/** Returns the long words of a text, which are a small part of it: only there are tokens and encoded texts looked for. */
export function longWordsOf(text: string): LongWords {
  const words: string[] = []
  /** Each word's position among the words, and in the text. */
  const places: { at: number; index: number }[] = []
  let at = 0
  let start = 0
  for (let index = 0; index <= text.length; index += 1) {
    if (isWordCode[text.charCodeAt(index)] === 1) continue
    if (index - start >= minChars) {
      places.push({ at, index: start })
      words.push(text.slice(start, index))
      at += index - start + 1
    }
    start = index + 1
  }
  const move = (span: SecretSpan) => {
    const place = places[lastBefore(places, span.start)] ?? { at: 0, index: 0 }
    const moved = place.index - place.at
    return { ...span, start: span.start + moved, end: span.end + moved }
  }
  return { joined: words.join('\n'), toText: (spans) => spans.map(move) }
}

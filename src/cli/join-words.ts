import { shellQuote } from '#core/util/quote'

/** Words as one text that is read back as the same words; a single one is taken as the text as it was typed. */
export function joinArgv(words: readonly string[]): string {
  const [only] = words
  if (words.length === 1 && only !== undefined) return only
  return words.map((word) => (word === '|' ? word : shellQuote(word))).join(' ')
}

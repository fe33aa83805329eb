import { closest } from 'fastest-levenshtein'

/** Returns `; did you mean "x"?` with the most similar known word; an empty text where no words are known. */
export function nearest(word: string, known: readonly string[]): string {
  return known.length === 0 ? '' : `; did you mean "${closest(word, [...known])}"?`
}

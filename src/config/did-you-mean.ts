import { closest } from 'fastest-levenshtein'

/** `; did you mean "x"?`, where there is anything to mean. */
export function nearest(word: string, known: readonly string[]): string {
  return known.length === 0 ? '' : `; did you mean "${closest(word, [...known])}"?`
}

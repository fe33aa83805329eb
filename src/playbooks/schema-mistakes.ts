import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import type { Source, SourcePosition } from '#src/yaml/positions'

/** Mistake at a position of a playbook's file. */
export type PlaybookMistake = SourcePosition & { message: string }

/** Keys that a map of the schema has, by the path's last name, to name the nearest one of an unknown key. */
const keys = [
  'title',
  'run',
  'api',
  'where',
  'each',
  'times',
  'twice',
  'read',
  'warn',
  'fail',
  'explains',
  'skipWhen',
  'compare',
  'then',
  'specificity',
  'playbook',
  'for',
  'alerts',
  'checks',
  'lines',
  'pairs',
  'nstat',
  'count',
  'json',
  'table',
  'tool',
  'with',
  'value',
  'unit',
  'above',
  'below',
  'is',
  'not',
  'say',
  'fact',
  'as',
] as const

/** Returns the mistakes that an issue of the schema means, each at its place. */
export function toMistakes(issue: z.core.$ZodIssue, source: Source): PlaybookMistake[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      ...source.atKey(issue.path, key),
      message: `there is no "${key}" here${nearest(key, keys)}`,
    }))
  if (issue.code === 'invalid_union') {
    // The alternative that got furthest says what is wrong.
    const inner = issue.errors.flat().toSorted((one, other) => other.path.length - one.path.length)
    const [first] = inner
    if (first !== undefined)
      return toMistakes({ ...first, path: [...issue.path, ...first.path] } as z.core.$ZodIssue, source)
  }
  const name = issue.path.at(-1)
  return [
    { ...source.at(issue.path), message: name === undefined ? issue.message : `"${String(name)}": ${issue.message}` },
  ]
}

/** Returns the end of a sentence that suggests the word most like this one; an empty text where none is like it. */
export function nearest(word: string, words: readonly string[]): string {
  if (words.length === 0) return ''
  const found = closest(word, [...words])
  return distance(found, word) <= Math.max(1, word.length / 3) ? `; did you mean "${found}"?` : ''
}

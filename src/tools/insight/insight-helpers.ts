import type { Insight } from '#core/request/insight'

/** What a reader says first: severity and headline, before the facts. */
export type Verdict = Pick<Insight, 'severity' | 'headline'>

/** Form of an IPv4 or IPv6 address as tools print it; numbers out of range match too. */
export const addressForm = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+)$/i

/** Returns the lines of a text without trailing whitespace. */
export function linesOf(text: string): string[] {
  return text.split('\n').map((line) => line.trimEnd())
}

/** Returns the capture groups of every matching line; a group that didn't match is an empty text. */
export function matching(text: string, pattern: RegExp): string[][] {
  return linesOf(text).flatMap((line) => {
    const groups = groupsOf(line, pattern)
    return groups === undefined ? [] : [groups]
  })
}

/** Returns the capture groups of the first matching line. */
export function firstMatch(text: string, pattern: RegExp): string[] | undefined {
  for (const line of linesOf(text)) {
    const groups = groupsOf(line, pattern)
    if (groups !== undefined) return groups
  }
  return undefined
}

function groupsOf(line: string, pattern: RegExp): string[] | undefined {
  return pattern
    .exec(line)
    ?.slice(1)
    .map((group) => group ?? '')
}

/** Returns the word that follows a keyword: the device of `dev eth0`. */
export function wordAfter(words: readonly string[], keyword: string): string | undefined {
  const at = words.indexOf(keyword)
  return at === -1 ? undefined : words[at + 1]
}

/** Joins the first `maxItems` items; the number of the others follows as `and 4 more`. */
export function listed(items: readonly string[], maxItems = 3): string {
  const rest = items.length - maxItems
  return rest <= 0 ? items.join(', ') : `${items.slice(0, maxItems).join(', ')} and ${rest} more`
}

/** Returns the number of items that a sentence doesn't name, as `, and 4 more`; nothing for none. */
export function moreText(rest: number): string {
  return rest === 0 ? '' : `, and ${rest} more`
}

/** A value, and how often it occurs. */
export type Count = readonly [value: string, times: number]

/** Counts each value; the most frequent is first. */
export function tally(values: readonly string[]): Count[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
}

/** Returns counts as texts: `SYN-SENT (3)`. */
export function countTexts(counts: readonly Count[]): string[] {
  return counts.map(([value, times]) => `${value} (${times})`)
}

/** Returns counts as values of `factsOf`, named after what was counted. */
export function countValues(counts: readonly Count[]): Record<string, string> {
  return Object.fromEntries(counts.map(([value, times]) => [value, String(times)]))
}

/** Converts an object to facts; omits those without a value, and empty ones, such as an empty list. */
export function factsOf(values: Readonly<Record<string, string | undefined>>): Insight['facts'] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name, value }],
  )
}

/** Returns a share as text: `33 %`, `0.5 %`. */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (part / whole) * 100
  return `${share > 0 && share < 1 ? share.toFixed(1) : Math.round(share)} %`
}

/** Returns milliseconds as text with a suitable unit: `0.06 ms`, `12 ms`, `1.2 s`. */
export function millisecondsText(value: number): string {
  if (value >= 1_000) return `${(value / 1_000).toFixed(1)} s`
  if (value >= 10) return `${Math.round(value)} ms`
  return `${Number(value.toPrecision(2))} ms`
}

/** Returns the whole days from `from` to a date in any format that `Date.parse` accepts; undefined for other text. */
export function daysUntil(date: string, from: string): number | undefined {
  const days = (Date.parse(date) - Date.parse(from)) / 86_400_000
  return Number.isNaN(days) ? undefined : Math.floor(days)
}

import type { Insight } from '#core/request/insight'

/** Lines of a text, their ends trimmed. */
export function linesOf(text: string): string[] {
  return text.split('\n').map((line) => line.trimEnd())
}

/** The groups of every line that matches, without the whole match. */
export function matching(text: string, pattern: RegExp): string[][] {
  return linesOf(text).flatMap((line) => {
    const found = pattern.exec(line)
    return found === null ? [] : [found.slice(1).map((group) => group ?? '')]
  })
}

/** The groups of the first line that matches. */
export function firstMatch(text: string, pattern: RegExp): string[] | undefined {
  return matching(text, pattern)[0]
}

/** Joins the first few names, then says how many more there are. */
export function listed(items: readonly string[], most = 3): string {
  const rest = items.length - most
  return rest <= 0 ? items.join(', ') : `${items.slice(0, most).join(', ')} and ${rest} more`
}

/** How often each value occurs, the most frequent first. */
export function tally(values: readonly string[]): [value: string, times: number][] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
}

/** Facts, those without a value left out. */
export function factsOf(values: Readonly<Record<string, string | undefined>>): Insight['facts'] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name, value }],
  )
}

/** `33 %`, `0.5 %`. */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (part / whole) * 100
  return `${share > 0 && share < 1 ? share.toFixed(1) : Math.round(share)} %`
}

/** Milliseconds as people read them: `0.06 ms`, `12 ms`, `1.2 s`. */
export function millisecondsText(value: number): string {
  if (value >= 1_000) return `${(value / 1_000).toFixed(1)} s`
  if (value >= 10) return `${Math.round(value)} ms`
  return `${Number(value.toPrecision(2))} ms`
}

/** Whole days from one instant to a date as programs print it; undefined for what isn't a date. */
export function daysUntil(date: string, from: string): number | undefined {
  const days = (Date.parse(date) - Date.parse(from)) / 86_400_000
  return Number.isNaN(days) ? undefined : Math.floor(days)
}

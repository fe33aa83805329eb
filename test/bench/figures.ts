/** Count, and statistics in milliseconds. */
export type Figures = { count: number; median: number; p95: number; p99: number; longest: number }

export function figuresOf(milliseconds: readonly number[]): Figures {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { count: sorted.length, median: at(0.5), p95: at(0.95), p99: at(0.99), longest: sorted.at(-1) ?? 0 }
}

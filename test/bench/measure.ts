import type { Figures } from './figures.ts'

/** One thing that was measured, in milliseconds, beside its peers of the same run. */
export type Measure = {
  name: string
  own: Figures
  /** `target`: what the ratio of the medians should not exceed. */
  peers: readonly { what: string; figures: Figures; target?: number }[]
  /** Further figures, by what they are. */
  notes?: Readonly<Record<string, number | string>>
  /** Where the time of one run goes: the median of each hop's begin and length, in milliseconds. */
  hops?: readonly { name: string; from: number; took: number }[]
}

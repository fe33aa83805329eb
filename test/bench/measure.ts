import type { Figures } from './figures.ts'

/** Result of one benchmark and of its peers in the same run, in milliseconds. Stored in .bench/bench.json. */
export type Measure = {
  name: string
  own: Figures
  /** `target`: limit for the ratio of the medians. */
  peers: readonly { what: string; figures: Figures; target?: number }[]
  /** Further figures, by their descriptions. */
  notes?: Readonly<Record<string, number | string>>
  /** Trace steps of one run (`hops` is the stored name): the medians of their begin and duration, in milliseconds. */
  hops?: readonly { name: string; from: number; took: number }[]
}

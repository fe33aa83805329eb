import type { Insight } from '#core/request/insight'
import { parseJson, toList } from '#core/util/json'
import { count } from '#core/util/units'
import { addressForm, countValues, factsOf, linesOf, listed, tally, wordAfter } from './insight-helpers.ts'
import type { AskedOfIp } from './ip-arguments.ts'

/** One entry of the neighbour table (ARP, NDP). */
export type Neighbour = { address: string; device: string | undefined; state: string }
/** The neighbour table; `isFiltered` where entries of other states are hidden. */
export type NeighboursData = { kind: 'neighbours'; neighbours: readonly Neighbour[]; isFiltered: boolean }

const states = /^(?:PERMANENT|NOARP|REACHABLE|STALE|DELAY|PROBE|FAILED|INCOMPLETE|NONE)$/

/** Reads `ip neighbour`. */
export function readNeighbours(text: string, { selectors, isJson }: AskedOfIp): NeighboursData | undefined {
  if (selectors.includes('proxy')) return undefined
  const neighbours = isJson ? parseJsonNeighbours(text) : linesOf(text).flatMap((line) => parseNeighbour(line) ?? [])
  if (neighbours.length === 0) return undefined
  const isFiltered = ['nud', 'unused', 'state'].some((word) => selectors.includes(word))
  return { kind: 'neighbours', neighbours, isFiltered }
}

function parseNeighbour(line: string): Neighbour | undefined {
  const words = line.split(/\s+/)
  const [address = ''] = words
  // The state may be followed by the protocol that added the entry.
  const state = words.findLast((word) => states.test(word)) ?? ''
  if (!addressForm.test(address) || state === '') return undefined
  return { address, device: wordAfter(words, 'dev'), state }
}

function parseJsonNeighbours(text: string): Neighbour[] {
  return toList(parseJson(text)).flatMap(({ dst, dev, state }) =>
    typeof dst === 'string' && Array.isArray(state) && state.length > 0
      ? [{ address: dst, device: typeof dev === 'string' ? dev : undefined, state: String(state[0]) }]
      : [],
  )
}

/** Says which neighbours don't answer. */
export function sayNeighbours({ neighbours, isFiltered }: NeighboursData): Insight {
  const failed = neighbours.filter(({ state }) => state === 'FAILED' || state === 'INCOMPLETE')
  const facts = factsOf({
    neighbours: String(neighbours.length),
    ...countValues(tally(neighbours.map(({ state }) => state))),
  })
  const where = failed.map(({ address, device }) => (device === undefined ? address : `${address} (${device})`))
  if (failed.length > 0) {
    const all = isFiltered
      ? count(failed.length, 'neighbour')
      : `${failed.length} of ${count(neighbours.length, 'neighbour')}`
    return { severity: 'warn', headline: `${all} did not answer: ${listed(where)}`, facts }
  }
  const headline = `${count(neighbours.length, 'neighbour')}${isFiltered ? ' shown' : ', none of them failed'}`
  return { severity: 'ok', headline, facts }
}

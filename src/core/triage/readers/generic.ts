import type { ToolOutput } from '#core/request/insight'
import { parseJson } from '#core/util/json'
import type { StepOutput } from '../batch-output.ts'
import type { Measures } from '../measures.ts'
import type { Facts, ReaderUse } from '../playbook.ts'

/**
 * Output of a command, with what its tool's own reader measures. `lines`: number of lines of an output of which only the
 * beginning was kept.
 */
export type MeasuredOutput = ToolOutput & { measures: Measures | undefined; lines?: number }

/** Reader of all outputs of a check, in the order of its commands, which may compare them with facts of the target. */
export type NamedReader = (outputs: readonly MeasuredOutput[], facts: Facts) => Measures | undefined

/** Named readers to which the beginning of an output and the number of its lines say enough. */
export const beginningReaders: ReadonlySet<string> = new Set(['translated'])

/** Kinds of generic readers: those that aren't a tool's own, and not named. */
type Generic = Exclude<ReaderUse, { kind: 'tool' | 'named' }>

/** Returns what one output measures by a generic reader. */
export function measureGeneric(
  use: Generic,
  { text, lines }: Pick<StepOutput, 'text' | 'lines'>,
): Measures | undefined {
  switch (use.kind) {
    case 'lines':
      return readLines(text, use.names)
    case 'pairs':
      return readPairs(text, use.names)
    case 'nstat':
      return readNstat(text)
    case 'count':
      return { lines: lines ?? linesOf(text).length }
    case 'json':
      return readPaths(text, use.paths)
    case 'table':
      return readTable(text, use)
  }
}

const toMeasure = (word: string): number | string => (/^-?\d+(?:\.\d+)?$/.test(word) ? Number(word) : word)

function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}

function readLines(text: string, names: readonly string[]): Measures | undefined {
  const lines = linesOf(text)
  if (lines.length !== names.length) return undefined
  return Object.fromEntries(names.map((name, at) => [name, toMeasure(lines[at] ?? '')]))
}

const pair = /^([\w.*/-]+)(?:\s*[=:]\s*|\s+)(\S.*)$/

/** Reads pairs; with `names` (own name to the name in the output), all of them have to be there. */
function readPairs(text: string, names: Readonly<Record<string, string>> | undefined): Measures | undefined {
  const found = new Map(
    linesOf(text).flatMap((line) => {
      const [, name, value] = pair.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, toMeasure(value.trim())] as const]
    }),
  )
  if (names === undefined) return found.size === 0 ? undefined : Object.fromEntries(found)
  const renamed = Object.entries(names).map(([own, name]) => [own, found.get(name)] as const)
  return renamed.some(([, value]) => value === undefined)
    ? undefined
    : Object.fromEntries(renamed.flatMap(([own, value]) => (value === undefined ? [] : [[own, value]])))
}

/** Reads counters of `nstat`: `TcpRetransSegs   12   0.0`. */
function readNstat(text: string): Measures | undefined {
  const counters = linesOf(text).flatMap((line) => {
    const [, name, value] = /^([A-Z]\w+)\s+(\d+)(?:\s|$)/.exec(line) ?? []
    return name === undefined ? [] : [[name, Number(value)] as const]
  })
  return counters.length === 0 ? undefined : Object.fromEntries(counters)
}

function readPaths(text: string, paths: Readonly<Record<string, string>>): Measures | undefined {
  const json = parseJson(text)
  if (json === undefined) return undefined
  const values = Object.entries(paths).map(([name, path]) => [name, atPath(json, path.split('.'))] as const)
  const simple = values.flatMap(([name, value]) =>
    typeof value === 'number' || typeof value === 'string' ? [[name, value] as const] : [],
  )
  return simple.length < values.length ? undefined : Object.fromEntries(simple)
}

function atPath(json: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    json,
  )
}

function readTable(text: string, { skip, columns, hex }: Extract<Generic, { kind: 'table' }>): Measures | undefined {
  const rows = linesOf(text)
    .slice(skip)
    .map((line) => line.split(/\s+/))
  if (rows.length === 0) return undefined
  const form = hex ? /^[\da-f]+$/i : /^\d+(?:\.\d+)?$/
  const sums = Object.entries(columns).map(([name, column]) => {
    const words = rows.map((row) => row[column - 1] ?? '')
    const isRead = words.every((word) => form.test(word))
    return [
      name,
      isRead ? words.reduce((sum, word) => sum + (hex ? Number.parseInt(word, 16) : Number(word)), 0) : undefined,
    ] as const
  })
  return sums.some(([, sum]) => sum === undefined)
    ? undefined
    : Object.fromEntries(sums.flatMap(([name, sum]) => (sum === undefined ? [] : [[name, sum]])))
}

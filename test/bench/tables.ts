import type { Figures } from './figures.ts'
import type { GoalResult } from './goals.ts'
import type { Measure } from './measure.ts'

type Machine = { node: string; processors: number; model: string; gigabytes: number }

const head = ['| milliseconds | times | median | p95 | p99 | ratio | target |', '|---|--:|--:|--:|--:|--:|--:|']

/** Renders the measures as tables in Markdown. `at`: time of the measurement, ISO 8601. */
export function tables(measures: readonly Measure[], machine: Machine, at: string): string {
  const where = measuredBy('npm run bench', machine, at)
  const rows = measures.flatMap(rowsOf)
  const notes = measures.flatMap(({ name, notes = {} }) =>
    Object.entries(notes).map(([what, figure]) => `- ${name}: ${what}: ${figure}`),
  )
  const steps = measures.flatMap(({ name, hops = [] }) => (hops.length === 0 ? [] : stepRows(name, hops)))
  return [where, '', ...head, ...rows, '', ...notes, '', ...steps].join('\n')
}

/** Renders results with goals: these, and the times beside those of peers. `what`: head of their column; `where`: sentence on the measurement. */
export function goalTables(results: readonly GoalResult[], what: string, where: string): string {
  const goals = results.flatMap(({ goals }) =>
    goals.map(({ what, goal, result, isMet }) => `| ${what} | ${goal} | ${result} | ${isMet ? 'yes' : 'no'} |`),
  )
  const rows = results.flatMap(({ measures = [] }) => measures.flatMap(rowsOf))
  const notes = results.flatMap(({ notes = [] }) => notes.map((note) => `- ${note}`))
  const goalHead = [`| ${what} | goal | result | met |`, '|---|--:|--:|---|']
  return [where, '', ...goalHead, ...goals, '', ...head, ...rows, '', ...notes, ''].join('\n')
}

/** Returns the sentence that says when, by which command and where something was measured. */
export function measuredBy(command: string, { node, processors, model, gigabytes }: Machine, at: string): string {
  return `Measured ${at.slice(0, 10)} by \`${command}\` on ${processors} processors (${model}), ${gigabytes} GiB, Node ${node}.`
}

function rowsOf({ name, own, peers }: Measure): string[] {
  const peerRows = peers.map(({ what, figures, target }) => {
    const ratio = (own.median / figures.median).toFixed(2)
    return `| peer: ${what} | ${cells(figures)} | ${ratio} | ${target === undefined ? '' : `≤ ${target}`} |`
  })
  return [`| **${name}** | ${cells(own)} | | |`, ...peerRows]
}

function cells({ count, median, p95, p99 }: Figures): string {
  return [count, ...[median, p95, p99].map(formatMs)].join(' | ')
}

function stepRows(name: string, steps: NonNullable<Measure['hops']>): string[] {
  const head = [
    `Steps of a ${name} (medians of spans, in milliseconds):`,
    '',
    '| step | begins | takes |',
    '|---|--:|--:|',
  ]
  return [...head, ...steps.map(({ name, from, took }) => `| ${name} | ${formatMs(from)} | ${formatMs(took)} |`), '']
}

function formatMs(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 1 ? 3 : milliseconds < 100 ? 1 : 0)
}

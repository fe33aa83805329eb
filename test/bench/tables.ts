import type { Figures } from './figures.ts'
import type { Measure } from './measure.ts'

type Machine = { node: string; processors: number; model: string; gigabytes: number }

/** The measures as tables in Markdown. */
export function tables(measures: readonly Measure[], machine: Machine, at: string): string {
  const { node, processors, model, gigabytes } = machine
  const where = `Measured ${at.slice(0, 10)} by \`npm run bench\` on ${processors} processors (${model}), ${gigabytes} GiB, Node ${node}.`
  const head = ['| milliseconds | times | median | p95 | p99 | ratio | target |', '|---|--:|--:|--:|--:|--:|--:|']
  const rows = measures.flatMap(rowsOf)
  const notes = measures.flatMap(({ name, notes = {} }) =>
    Object.entries(notes).map(([what, figure]) => `- ${name}: ${what}: ${figure}`),
  )
  const hops = measures.flatMap(({ name, hops = [] }) => (hops.length === 0 ? [] : hopRows(name, hops)))
  return [where, '', ...head, ...rows, '', ...notes, '', ...hops].join('\n')
}

function rowsOf({ name, own, peers }: Measure): string[] {
  const beside = peers.map(({ what, figures, target }) => {
    const ratio = (own.median / figures.median).toFixed(2)
    return `| beside it: ${what} | ${cells(figures)} | ${ratio} | ${target === undefined ? '' : `≤ ${target}`} |`
  })
  return [`| **${name}** | ${cells(own)} | | |`, ...beside]
}

function cells({ count, median, p95, p99 }: Figures): string {
  return [count, ...[median, p95, p99].map(short)].join(' | ')
}

function hopRows(name: string, hops: NonNullable<Measure['hops']>): string[] {
  const head = [`Where the time of a ${name} goes (spans, medians):`, '', '| hop | from | takes |', '|---|--:|--:|']
  return [...head, ...hops.map((hop) => `| ${hop.name} | ${short(hop.from)} | ${short(hop.took)} |`)]
}

function short(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 1 ? 3 : milliseconds < 100 ? 1 : 0)
}

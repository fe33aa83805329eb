import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { benchDecisions } from './decisions.ts'
import type { Figures } from './figures.ts'

// Times mean little on a shared machine; each measure stands beside a peer of the same run.

const folder = join(import.meta.dirname, '../../.bench')
const text = (milliseconds: number) => milliseconds.toFixed(milliseconds < 1 ? 4 : 1).padStart(10)
const row = (name: string, { count, median, p95, p99 }: Figures) =>
  `${name.padEnd(44)}${String(count).padStart(8)}${text(median)}${text(p95)}${text(p99)}`

const measures = [benchDecisions()]
console.log(
  `${'milliseconds'.padEnd(44)}${'count'.padStart(8)}${'median'.padStart(10)}${'p95'.padStart(10)}${'p99'.padStart(10)}`,
)
for (const { name, figures, peer, peerFigures } of measures) {
  console.log(row(name, figures))
  console.log(row(`  beside: ${peer}`, peerFigures))
  console.log(`  ratio of the medians: ${(figures.median / peerFigures.median).toFixed(2)}`)
}
mkdirSync(folder, { recursive: true })
const machine = { node: process.version, processors: cpus().length, model: cpus()[0]?.model }
writeFileSync(
  join(folder, 'bench.json'),
  `${JSON.stringify({ at: new Date().toISOString(), machine, measures }, null, 2)}\n`,
)

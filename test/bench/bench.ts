import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type DevCluster, up } from '#dev/dev-cluster/cluster'
import { openCleanup } from '#dev/machine/cleanup'
import { buildShellImage } from '#shell-image/build'
import { benchAck } from './ack.ts'
import { benchDecisions } from './decisions.ts'
import { benchAtOnce, benchFanOut } from './fan-out.ts'
import type { Measure } from './measure.ts'
import { benchOutput } from './output.ts'
import { benchRedaction } from './redaction.ts'
import { benchColdNode, benchColdPod, benchWarm } from './runs.ts'
import { benchStartup } from './startup.ts'
import { tables } from './tables.ts'
import { benchThroughput } from './throughput.ts'

const usage = `npm run bench [-- OPTIONS] [MEASURE…]
  Measures the program and its peers, alternately in the same run, and prints a table. On a shared machine the ratios
  mean more than the times. Writes .bench/bench.json; measures that aren't named are taken from there.
  --times N   repetitions of measures that take a second or more (20)
  --write     write the tables into docs/performance.md

  MEASURE is one of:`

const all: Record<string, (cluster: () => Promise<DevCluster>, times: number) => Promise<Measure>> = {
  'cold-node': async (cluster, times) => benchColdNode(await cluster(), times),
  'cold-pod': async (cluster, times) => benchColdPod(await cluster(), times),
  warm: async (cluster, times) => benchWarm(await cluster(), times),
  'at-once': async (cluster, times) => benchAtOnce(await cluster(), times),
  ack: benchAck,
  throughput: (_cluster, times) => benchThroughput(times),
  output: async (cluster, times) => benchOutput(await cluster(), times),
  'fan-out': (_cluster, times) => benchFanOut(times),
  startup: async (cluster, times) => benchStartup(await cluster(), times),
  decisions: benchDecisions,
  redaction: benchRedaction,
}

const root = join(import.meta.dirname, '../..')
const options = {
  times: { type: 'string', default: '20' },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const
const { values, positionals } = parseArgs({ options, allowPositionals: true })
const unknown = positionals.filter((name) => !(name in all))
if (values.help || unknown.length > 0) {
  console.log(`${usage} ${Object.keys(all).join(' ')}`)
  process.exit(unknown.length > 0 ? 2 : 0)
}

const cleanup = await openCleanup({ cluster: 'npm run bench' })
let cluster: Promise<DevCluster> | undefined
const file = join(root, '.bench/bench.json')
// Earlier results of other measures stay in the table, so that a single one can be repeated.
const earlier = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as {
  measures?: Record<string, Measure>
}
const measured = new Map(Object.entries(earlier.measures ?? {}))
for (const [name, measure] of Object.entries(all)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  measured.set(name, await measure(() => (cluster ??= openCluster()), Number(values.times)))
}
const measures = Object.keys(all).flatMap((name) => measured.get(name) ?? [])
const [{ model = 'unknown' } = {}] = cpus()
const machine = { node: process.version, processors: cpus().length, model, gigabytes: Math.round(totalmem() / 2 ** 30) }
const at = new Date().toISOString()
const text = tables(measures, machine, at)
console.log(text)
mkdirSync(join(root, '.bench'), { recursive: true })
writeFileSync(file, `${JSON.stringify({ at, machine, measures: Object.fromEntries(measured) }, null, 2)}\n`)
if (values.write) {
  const doc = join(root, 'docs/performance.md')
  const [before = '', after = ''] = readFileSync(doc, 'utf8').split(/(?<=<!-- bench -->\n)[\s\S]*(?=<!-- end -->)/)
  writeFileSync(doc, `${before}\n${text}\n${after}`)
}
await cleanup.close()
process.exit(0)

async function openCluster(): Promise<DevCluster> {
  const cluster = await up()
  const image = await buildShellImage()
  await cluster.loadImage(image.tar, image.digest)
  return cluster
}

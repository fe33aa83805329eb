import '../../src/core/util/disable-background-compilers.js'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type DevCluster, up } from '#dev/dev-cluster/cluster'
import { openCleanup, useTemporaryFolder } from '#dev/machine/cleanup'
import { writeSection } from '#dev/write-section'
import { buildShellImage } from '#shell-image/build'
import { openNamespace, type TestCluster } from '#test/environment/test-cluster'
import { benchAck } from './ack.ts'
import { benchDecisions } from './decisions.ts'
import { benchAtOnce, benchFanOut } from './fan-out.ts'
import type { GoalResult } from './goals.ts'
import type { Measure } from './measure.ts'
import { benchOutput } from './output.ts'
import { benchRedaction } from './redaction.ts'
import { benchColdNode, benchColdPod, benchWarm } from './runs.ts'
import { benchStartup } from './startup.ts'
import { goalTables, measuredBy, tables } from './tables.ts'
import { benchEcho } from './terminal/echo.ts'
import { benchFlood } from './terminal/flood.ts'
import { benchMemory } from './terminal/memory.ts'
import { benchOpen } from './terminal/open.ts'
import { benchRecording } from './terminal/record-top.ts'
import { benchThroughput } from './throughput.ts'
import { benchTriage } from './triage/triage.ts'

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

type WithGoals = Record<string, (cluster: () => Promise<DevCluster>, times: number) => Promise<GoalResult>>

const shellMeasures: WithGoals = {
  'terminal-open': async (cluster, times) => inNamespace(await cluster(), (own) => benchOpen(own, times)),
  'terminal-echo': async (cluster, times) => inNamespace(await cluster(), (own) => benchEcho(own, times)),
  'terminal-flood': async (cluster, times) => inNamespace(await cluster(), (own) => benchFlood(own, times)),
  'terminal-recording': async (cluster, times) => inNamespace(await cluster(), (own) => benchRecording(own, times)),
  'terminal-memory': (_cluster, times) => benchMemory(times),
}

const triageMeasures: WithGoals = {
  triage: async (cluster, times) => inNamespace(await cluster(), (own) => benchTriage(own, times)),
}

/** Measures that don't use the development cluster. */
const withoutCluster = new Set(['ack', 'throughput', 'fan-out', 'decisions', 'redaction', 'terminal-memory'])

const root = join(import.meta.dirname, '../..')
const options = {
  times: { type: 'string', default: '20' },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const
const { values, positionals } = parseArgs({ options, allowPositionals: true })
const names = [all, shellMeasures, triageMeasures].flatMap((each) => Object.keys(each))
const unknown = positionals.filter((name) => name !== 'terminal' && !names.includes(name))
if (values.help || unknown.length > 0) {
  console.log(`${usage} ${names.join(' ')}\n  terminal: all whose names begin so`)
  process.exit(unknown.length > 0 ? 2 : 0)
}
const isAsked = (name: string) =>
  positionals.length === 0 || positionals.includes(name) || (name in shellMeasures && positionals.includes('terminal'))

const needsCluster = names.some((name) => isAsked(name) && !withoutCluster.has(name))
const cleanup = await openCleanup(needsCluster ? { cluster: 'npm run bench' } : {})
useTemporaryFolder(cleanup)
let cluster: Promise<DevCluster> | undefined
const clusterOnce = () => (cluster ??= openCluster())
const file = join(root, '.bench/bench.json')
// Earlier results of other measures stay in the tables, so that a single one can be repeated.
const earlier = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as {
  measures?: Record<string, Measure>
  shells?: Record<string, GoalResult>
  triage?: Record<string, GoalResult>
}
const [{ model = 'unknown' } = {}] = cpus()
const machine = { node: process.version, processors: cpus().length, model, gigabytes: Math.round(totalmem() / 2 ** 30) }
const at = new Date().toISOString()
const save = () => writeFileSync(file, `${JSON.stringify({ at, machine, ...results }, null, 2)}\n`)
const results = { measures: earlier.measures ?? {}, shells: earlier.shells ?? {}, triage: earlier.triage ?? {} }
mkdirSync(join(root, '.bench'), { recursive: true })
const isNew = {
  measures: await measureAsked(all, results.measures),
  shells: await measureAsked(shellMeasures, results.shells),
  triage: await measureAsked(triageMeasures, results.triage),
}
if (isNew.measures) show('bench', tables(inOrder(all, results.measures), machine, at))
const goalTable = (what: 'terminal' | 'triage', found: readonly GoalResult[]) =>
  goalTables(found, what === 'terminal' ? 'shells' : what, measuredBy(`npm run bench -- ${what}`, machine, at))
if (isNew.shells) show('bench of shells', goalTable('terminal', inOrder(shellMeasures, results.shells)))
if (isNew.triage) show('bench of triage', goalTable('triage', inOrder(triageMeasures, results.triage)))
await cleanup.close()
process.exit(0)

/** Runs what is asked for, one after the other, and saves each result among those that were there; resolves with whether anything was asked for. */
async function measureAsked<T>(
  from: Readonly<Record<string, (cluster: () => Promise<DevCluster>, times: number) => Promise<T>>>,
  into: Record<string, T>,
): Promise<boolean> {
  const asked = Object.entries(from).filter(([name]) => isAsked(name))
  for (const [name, measure] of asked) {
    into[name] = await measure(clusterOnce, Number(values.times))
    save()
  }
  return asked.length > 0
}

function inOrder<T>(from: object, results: Readonly<Record<string, T>>): T[] {
  return Object.keys(from).flatMap((name) => results[name] ?? [])
}

/** Prints tables, and writes them between their marks in docs/performance.md where that was asked for. */
function show(mark: string, text: string): void {
  console.log(text)
  if (values.write) writeSection(join(root, 'docs/performance.md'), mark, text)
}

async function openCluster(): Promise<DevCluster> {
  const cluster = await up()
  const image = await buildShellImage()
  await cluster.loadImage(image.tar, image.digest)
  return cluster
}

/** Measures with a namespace for shells, which is deleted then. */
async function inNamespace<T>(dev: DevCluster, measure: (cluster: TestCluster) => Promise<T>): Promise<T> {
  const own = await openNamespace(dev)
  return measure(own).finally(own.close)
}

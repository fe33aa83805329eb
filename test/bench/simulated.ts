import '../../src/core/util/disable-background-compilers.js'
import { parseArgs } from 'node:util'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames } from '#src/app/policy-file'
import { start } from '#src/app/start'
import { openTracing } from '#src/app/tracing'
import { loadConfig } from '#src/config/load'
import { expectValid } from '#test/config/expect-valid'
import { fakeCluster } from '#test/fakes/cluster'
import { standIns } from './triage/stand-ins.ts'

// The unchanged program in a separate process, on a simulated cluster of 1,000 nodes, so that only the program is measured.

const { values } = parseArgs({
  options: { config: { type: 'string', default: '' }, role: { type: 'string', default: 'all' } },
  allowPositionals: true,
})
const loaded = expectValid(loadConfig(values.config, process.env, knownNames()))
const linux = { status: 'Ready', os: 'linux', version: 'v1.36.0' }
/** Labels of a node: `first100=yes` selects the first 100 nodes, and so on. */
const labelsOf = (at: number) =>
  Object.fromEntries([100, 300, 1_000].filter((count) => at < count).map((count) => [`first${count}`, 'yes']))
const nodes = Array.from({ length: 1_000 }, (_each, at) => ({
  ...linux,
  uid: `uid-n${at}`,
  name: `n${at}`,
  labels: labelsOf(at),
}))
/** Path of recorded nodes, in place of those that answer `dig` alone. */
const recorded = process.env['RETINA_BENCH_STAND_INS']
const recordedCluster = recorded === undefined ? undefined : standIns(recorded)
const cluster = recordedCluster?.cluster ?? fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] }, nodes)
await openTracing(values.role)
const running = await start({
  config: loaded.config,
  file: values.config,
  role: values.role as Role,
  log: createLogger('info'),
  openCluster: () => cluster,
})
process.once('SIGTERM', () => {
  if (recordedCluster !== undefined) console.error(`stand-ins: ${JSON.stringify(recordedCluster.counts())}`)
  void running.stop().then(() => process.exit(0))
})

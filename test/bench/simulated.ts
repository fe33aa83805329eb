import { parseArgs } from 'node:util'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames } from '#src/app/policy-file'
import { start } from '#src/app/start'
import { openTracing } from '#src/app/tracing'
import { loadConfig } from '#src/config/load'
import { fakeCluster } from '#test/fakes/cluster'

// The program as it is, in a process of its own, on a simulated cluster of a thousand nodes: what is measured then is the program alone.

const { values } = parseArgs({
  options: { config: { type: 'string', default: '' }, role: { type: 'string', default: 'all' } },
  allowPositionals: true,
})
const loaded = loadConfig(values.config, process.env, knownNames())
if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
const linux = { ready: true, os: 'linux', version: 'v1.36.0' }
/** So that one label means the first hundred, and so on. */
const labelsOf = (at: number) =>
  Object.fromEntries([100, 300, 1_000].filter((many) => at < many).map((many) => [`first${many}`, 'yes']))
const nodes = Array.from({ length: 1_000 }, (_each, at) => ({
  ...linux,
  uid: `uid-n${at}`,
  name: `n${at}`,
  labels: labelsOf(at),
}))
const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] }, nodes)
await openTracing(values.role)
const running = await start({
  config: loaded.config,
  file: values.config,
  role: values.role as Role,
  log: createLogger('info'),
  openCluster: () => cluster,
})
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))

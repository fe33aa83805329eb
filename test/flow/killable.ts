import { parseArgs } from 'node:util'
import type { Span } from '#core/span'
import type { Timing } from '#core/timing'
import { loadConfig } from '#src/config'
import { openLog } from '#src/logger'
import { start } from '#src/main'
import type { Role } from '#src/parts'
import { knownNames } from '#src/rulebook'
import { span } from '#src/trace'
import { fakeCluster } from '#test/fakes/cluster'
import { manyNodes } from './many-nodes.ts'

// The program as it is, in a process of its own on a simulated cluster, which kills itself (kill -9) at one of its steps: RETINA_TEST_KILL
// is `before` or `after`, a colon, and the name of a span; RETINA_TEST_TIMING its times, as JSON.

const { values } = parseArgs({
  options: { config: { type: 'string', default: '' }, role: { type: 'string', default: 'bot' } },
  allowPositionals: true,
})
const loaded = loadConfig(values.config, process.env, knownNames())
if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))

const kill = process.env['RETINA_TEST_KILL']

/** Nothing of this process runs after it. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => undefined)
}

const deadly: Span = async (run, hop, work) => {
  if (kill === `before:${hop}`) await die()
  const result = await span(run, hop, work)
  if (kill === `after:${hop}`) await die()
  return result
}

await start({
  config: loaded.config,
  file: values.config,
  role: values.role as Role,
  log: openLog('info'),
  openCluster: () => fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] }, manyNodes()),
  span: deadly,
  timing: JSON.parse(process.env['RETINA_TEST_TIMING'] ?? '{}') as Partial<Timing>,
})

import { once } from 'node:events'
import { parseArgs } from 'node:util'
import type { Timing } from '#core/util/default-timings'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames } from '#src/app/policy-file'
import { start } from '#src/app/start'
import { loadConfig } from '#src/config/load'

// The program as it is, in a process of its own; RETINA_TEST_TIMING is its times, as JSON. With --hold it is loaded, and starts when
// a word comes on its standard input.

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: '' },
    role: { type: 'string', default: 'all' },
    hold: { type: 'boolean', default: false },
  },
})
const loaded = loadConfig(values.config, process.env, knownNames())
if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
if (values.hold) {
  await once(process.stdin, 'data')
  process.stdin.destroy()
}
await start({
  config: loaded.config,
  file: values.config,
  role: values.role as Role,
  log: createLogger('info'),
  timing: JSON.parse(process.env['RETINA_TEST_TIMING'] ?? '{}') as Partial<Timing>,
})

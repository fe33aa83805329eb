import { once } from 'node:events'
import { parseArgs } from 'node:util'
import type { Timing } from '#core/util/default-timings'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames } from '#src/app/policy-file'
import { start } from '#src/app/start'
import { loadConfig } from '#src/config/load'
import { expectValid } from '#test/config/expect-valid'

// The unchanged program in a separate process. RETINA_TEST_TIMING: its times, as JSON. With --hold it only loads its code, and starts when
// something is written to its standard input.

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: '' },
    role: { type: 'string', default: 'all' },
    hold: { type: 'boolean', default: false },
  },
})
const loaded = expectValid(loadConfig(values.config, process.env, knownNames()))
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

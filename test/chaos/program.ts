import { parseArgs } from 'node:util'
import type { Traced, TraceStep } from '#core/runs/trace-steps'
import type { Timing } from '#core/util/default-timings'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames } from '#src/app/policy-file'
import { start } from '#src/app/start'
import { loadConfig } from '#src/config/load'

// The program as it is, on a real cluster, in a process of its own that dies where it is told to, and whose clock can be moved;
// RETINA_TEST_TIMING holds its times, as JSON.

/** Right before or after a hop. */
export type Death = { hop: TraceStep; side: 'before' | 'after' }

/** What the chaos tells a process. `die`: there; null: go on living. */
export type Order = { die: Death | null } | { clock: number }

let armed: Death | null = null
const RealDate = Date
let offset = 0

class MovedDate extends RealDate {
  constructor(...given: [] | [string | number | Date]) {
    super(given.length === 0 ? RealDate.now() + offset : given[0])
  }
  static override now(): number {
    return RealDate.now() + offset
  }
}

process.on('message', (order: Order) => {
  if ('die' in order) armed = order.die
  else {
    offset = order.clock
    globalThis.Date = MovedDate as DateConstructor
  }
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

function point(hop: TraceStep, side: 'before' | 'after'): void {
  if (armed?.hop === hop && armed.side === side) process.kill(process.pid, 'SIGKILL')
}

const span: Traced = async (_run, hop, work) => {
  point(hop, 'before')
  const result = await work()
  point(hop, 'after')
  return result
}

const { values } = parseArgs({
  options: { config: { type: 'string', default: '' }, role: { type: 'string', default: '' } },
})
const loaded = loadConfig(values.config, process.env, knownNames())
if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
const { config } = loaded
const timing = JSON.parse(process.env['RETINA_TEST_TIMING'] ?? '{}') as Partial<Timing>
const parts = { config, file: values.config, role: values.role as Role, log: createLogger('info') }
const running = await start({ ...parts, span, timing })
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
process.send?.({ port: running.port })

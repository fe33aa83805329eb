import { parseArgs } from 'node:util'
import type { Span } from '#core/span'
import { loadConfig } from '#src/config'
import { openLog } from '#src/logger'
import { start } from '#src/main'
import type { Role } from '#src/parts'
import { knownNames } from '#src/rulebook'

// The program as it is, on a real cluster, in a process of its own that dies where it is told to, and whose clock can be moved.

/** What the chaos tells a process. `die`: at this hop, right before or after it; null: go on living. */
export type Order = { die: { hop: string; side: 'before' | 'after' } | null } | { clock: number }

let armed: { hop: string; side: 'before' | 'after' } | null = null
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

function point(hop: string, side: 'before' | 'after'): void {
  if (armed?.hop === hop && armed.side === side) process.kill(process.pid, 'SIGKILL')
}

const span: Span = async (_run, hop, work) => {
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
const running = await start({ config, file: values.config, role: values.role as Role, log: openLog('info'), span })
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
process.send?.({ port: running.port })

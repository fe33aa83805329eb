import '../../src/core/util/disable-background-compilers.js'
import { parseArgs } from 'node:util'
import type { Traced, TraceStep } from '#core/runs/trace-steps'
import type { Timing } from '#core/util/default-timings'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames } from '#src/app/policy-file'
import { start } from '#src/app/start'
import { loadConfig } from '#src/config/load'
import { expectValid } from '#test/config/expect-valid'

// The unchanged program on a real cluster, in a separate process that kills itself at an ordered point, and whose clock can be moved.
// RETINA_TEST_TIMING: its times, as JSON.

/** Point at which a process is killed: right before or after a step. */
export type KillPoint = { step: TraceStep; side: 'before' | 'after' }

/** Message to a process: where it kills itself (null: nowhere), or by how much its clock is wrong. */
export type FaultOrder = { killPoint: KillPoint | null } | { clockOffsetMs: number }

let killPoint: KillPoint | null = null
const RealDate = Date
let offsetMs = 0

class MovedDate extends RealDate {
  constructor(...given: [] | [string | number | Date]) {
    super(given.length === 0 ? RealDate.now() + offsetMs : given[0])
  }
  static override now(): number {
    return RealDate.now() + offsetMs
  }
}

process.on('message', (order: FaultOrder) => {
  if ('killPoint' in order) killPoint = order.killPoint
  else {
    offsetMs = order.clockOffsetMs
    globalThis.Date = MovedDate as DateConstructor
  }
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

function killIfOrdered(step: TraceStep, side: 'before' | 'after'): void {
  if (killPoint?.step === step && killPoint.side === side) process.kill(process.pid, 'SIGKILL')
}

const span: Traced = async (_run, step, work) => {
  killIfOrdered(step, 'before')
  const result = await work()
  killIfOrdered(step, 'after')
  return result
}

const { values } = parseArgs({
  options: { config: { type: 'string', default: '' }, role: { type: 'string', default: '' } },
})
const { config } = expectValid(loadConfig(values.config, process.env, knownNames()))
const timing = JSON.parse(process.env['RETINA_TEST_TIMING'] ?? '{}') as Partial<Timing>
const parts = { config, file: values.config, role: values.role as Role, log: createLogger('info') }
const running = await start({ ...parts, span, timing })
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
process.send?.({ port: running.port })

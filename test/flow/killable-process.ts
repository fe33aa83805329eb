import { flushCompileCache } from 'node:module'
import type { Traced } from '#core/runs/trace-steps'
import type { Timing } from '#core/util/default-timings'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames } from '#src/app/policy-file'
import { start } from '#src/app/start'
import { traced } from '#src/app/tracing'
import { countUnexpectedErrors, surviveUnexpectedErrors } from '#src/app/unexpected-errors'
import { loadConfig } from '#src/config/load'
import { fakeCluster } from '#test/fakes/cluster'
import { manyNodes } from './many-nodes.ts'
// The door is loaded before it is needed, with all the rest.
import '#adapters/slack/index'

// The program as it is, in a process of its own on a simulated cluster, which kills itself (kill -9) at one of its steps. It loads its
// code, which takes most of a start, and waits until its parent process sends it what to do.

export type Orders = {
  /** The configuration. */
  file: string
  redis: string
  role: Role
  /** `before` or `after`, a colon, and the name of a span. */
  kill: string
  timing: Partial<Timing>
}

// A process that is killed doesn't write its cache of compiled code.
flushCompileCache()

/** Nothing of this process runs after it. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => undefined)
}

function deadly(kill: string): Traced {
  return async (run, hop, work) => {
    // A bot takes over what others left when it starts. This one would die of their commands rather than of its own.
    if (hop === 'inbox.take-over') return new Promise(() => undefined)
    if (kill === `before:${hop}`) await die()
    const result = await traced(run, hop, work)
    if (kill === `after:${hop}`) await die()
    return result
  }
}

async function begin({ file, redis, role, kill, timing }: Orders): Promise<void> {
  const loaded = loadConfig(file, { ...process.env, REDIS_URL: redis }, knownNames())
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  const log = createLogger('info')
  const errors = countUnexpectedErrors(log, () => performance.now())
  const { port, web } = await start({
    ...{ config: loaded.config, file, role, timing, log, problem: errors.problem },
    openCluster: () => fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] }, manyNodes()),
    span: deadly(kill),
  })
  surviveUnexpectedErrors(errors)
  process.send?.({ port, web })
}

process.once('message', (orders) => void begin(orders as Orders))
// Its parent process is gone.
process.once('disconnect', () => process.exit())

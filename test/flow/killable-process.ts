import '../../src/core/util/disable-background-compilers.js'
import { flushCompileCache } from 'node:module'
import type { Traced } from '#core/runs/trace-steps'
import type { Timing } from '#core/util/default-timings'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames } from '#src/app/policy-file'
import { start } from '#src/app/start'
import { countUnexpectedErrors, surviveUnexpectedErrors } from '#src/app/survive-unexpected-errors'
import { traced } from '#src/app/tracing'
import { loadConfig } from '#src/config/load'
import { fakeCluster } from '#test/fakes/cluster'
import { manyNodes } from './many-nodes.ts'
// Loads the chat adapter in advance, together with all other modules.
import '#adapters/slack/index'
import { expectValid } from '#test/config/expect-valid'

// Runs the real program in a process of its own on a simulated cluster, and kills it (kill -9) at one of its steps. It
// loads its code in advance, which is most of the startup time, and waits until its parent process sends its orders.

export type Orders = {
  /** Path of the configuration file. */
  file: string
  redis: string
  role: Role
  /** `before` or `after`, a colon, and the name of a span. */
  kill: string
  timing: Partial<Timing>
}

// A process that is killed doesn't write its cache of compiled code, so it is written here.
flushCompileCache()

/** Kills this process; the promise never resolves, so no code runs after it. */
function killSelf(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => undefined)
}

function deadly(kill: string): Traced {
  return async (run, step, work) => {
    // A bot takes over abandoned commands when it starts. This one has to die of its own command, not of one of those.
    if (step === 'inbox.take-over') return new Promise(() => undefined)
    if (kill === `before:${step}`) await killSelf()
    const result = await traced(run, step, work)
    if (kill === `after:${step}`) await killSelf()
    return result
  }
}

async function begin({ file, redis, role, kill, timing }: Orders): Promise<void> {
  const loaded = expectValid(loadConfig(file, { ...process.env, REDIS_URL: redis }, knownNames()))
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
// Ends when the parent process is gone.
process.once('disconnect', () => process.exit())

import { Worker } from 'node:worker_threads'
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment'
import type { Circus } from '@jest/types'
import { TestEnvironment } from 'jest-environment-node'
import { type Waits, waits } from '../flow/wait-for.ts'

/**
 * Property of the global object: whether the previous test failed, so that shared objects are recreated (see test/environment/browser.ts).
 */
const failed = Symbol.for('retina.failed')

/** Shared by all test files of a process. */
let watchdog: Worker | undefined

/**
 * Jest's Node environment, in which the error of a test or hook that times out names it and what it waited for. Jest can't end one that
 * never yields the processor: its process is killed, and standard error says why.
 */
class HangEnvironment extends TestEnvironment {
  readonly #watchdog: Worker
  readonly #file: string

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    // Read by dev/machine/debian.ts, also in programs that the tests start. Jest copies these variables.
    if (config.projectConfig.displayName?.name === 'unit') process.env['RETINA_UNIT_TESTS'] = '1'
    else delete process.env['RETINA_UNIT_TESTS']
    super(config, context)
    this.#file = context.testPath
    // Time after the test's limit until the process is killed: Jest itself handles tests that only wait.
    const { graceMs = 10_000 } = config.projectConfig.testEnvironmentOptions
    watchdog ??= new Worker(new URL('./watchdog.ts', import.meta.url), { workerData: { graceMs } })
    watchdog.unref()
    this.#watchdog = watchdog
  }

  handleTestEvent(event: Circus.Event, state: Circus.State): void {
    if (event.name === 'test_fn_start') this.#begin(nameOf(event.test), event.test.timeout ?? state.testTimeout)
    else if (event.name === 'hook_start') this.#begin(hookName(event.hook), event.hook.timeout ?? state.testTimeout)
    else if (event.name === 'test_fn_failure') this.#end(nameOf(event.test), event.error, event.test.errors)
    else if (event.name === 'hook_failure') this.#end(hookName(event.hook), event.error, event.test?.errors)
    else if (event.name === 'test_done') Object.assign(this.global, { [failed]: event.test.errors.length > 0 })
    else if (event.name === 'test_fn_success' || event.name === 'hook_success') this.#watchdog.postMessage('ended')
  }

  #begin(what: string, limitMs: number): void {
    delete this.#waits()?.last
    this.#watchdog.postMessage({ what: `${this.#file} › ${what}`, limitMs })
  }

  #end(what: string, error: unknown, errors: Circus.TestError[] = []): void {
    this.#watchdog.postMessage('ended')
    const text = error instanceof Error ? error.message : String(error)
    if (!text.startsWith('Exceeded timeout')) return
    const waitedFor = this.#waitedFor()
    process.stderr.write(`TIMED OUT ${this.#file} › ${what}\n  it waited for: ${waitedFor}\n`)
    errors.push(`It waited for: ${waitedFor}`)
  }

  #waitedFor(): string {
    const { pending = [], last } = this.#waits() ?? {}
    const names = [...pending].join('; ')
    if (names !== '') return names
    return last === undefined ? 'nothing that has a name' : `nothing that has a name, after: ${last}`
  }

  #waits(): Waits | undefined {
    return (this.global as { [waits]?: Waits })[waits]
  }
}

function nameOf(test: Circus.TestEntry): string {
  const names = [test.name]
  for (let block: Circus.DescribeBlock | undefined = test.parent; block?.parent !== undefined; block = block.parent)
    names.unshift(block.name)
  return names.join(' › ')
}

function hookName({ type, parent }: Circus.Hook): string {
  return parent.parent === undefined ? type : `${type} of ${parent.name}`
}

// biome-ignore lint/style/noDefaultExport: Jest takes an environment's default export
export default HangEnvironment

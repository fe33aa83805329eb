import { createRequire } from 'node:module'
import type {
  EmittingTestRunner,
  Test,
  TestEvents,
  TestRunnerContext,
  TestRunnerOptions,
  TestWatcher,
  UnsubscribeFn,
} from 'jest-runner'
import { projectOf } from './sequencer.ts'

// Loaded by `require`: as an ES module the package has other exports than its types declare.
const { default: Runner } = createRequire(import.meta.url)('jest-runner') as typeof import('jest-runner')

type GlobalConfig = ConstructorParameters<typeof Runner>[0]

/**
 * Jest's runner for all projects, in two parts: first the files that use the cluster together, and those that the sequencer puts before
 * them; then the files that use it alone, one after the other, beside all others.
 */
class TwoPartRunner implements Pick<EmittingTestRunner, 'runTests' | 'on' | 'supportsEventEmitters'> {
  readonly supportsEventEmitters = true
  readonly #together: EmittingTestRunner
  readonly #alone: EmittingTestRunner
  readonly #others: EmittingTestRunner

  constructor(config: GlobalConfig, context: TestRunnerContext) {
    this.#together = new Runner(config, context)
    this.#alone = new Runner({ ...config, maxWorkers: 1 }, context)
    // Fewer than together: what is alone on the cluster depends more on time than other files do.
    this.#others = new Runner({ ...config, maxWorkers: Math.max(1, config.maxWorkers - 2) }, context)
  }

  async runTests(tests: Test[], watcher: TestWatcher, options: TestRunnerOptions): Promise<void> {
    const alone = tests.filter((test) => projectOf(test) === 'alone')
    const shared = tests.filter((test) => projectOf(test) !== 'alone')
    const end = shared.findLastIndex((test) => projectOf(test) === 'cluster') + 1
    const run = async (runner: EmittingTestRunner, files: Test[]) => {
      if (files.length > 0) await runner.runTests(files, watcher, options)
    }
    if (alone.length === 0 || options.serial) {
      await run(this.#together, [...shared, ...alone])
      return
    }
    await run(this.#together, shared.slice(0, end))
    await Promise.all([run(this.#alone, alone), run(this.#others, shared.slice(end))])
  }

  on<Name extends keyof TestEvents>(
    event: Name,
    listener: (data: TestEvents[Name]) => void | Promise<void>,
  ): UnsubscribeFn {
    const unsubscribe = [this.#together, this.#alone, this.#others].map((runner) => runner.on(event, listener))
    return () => {
      for (const each of unsubscribe) each()
    }
  }
}

// biome-ignore lint/style/noDefaultExport: Jest takes a runner's default export
export default TwoPartRunner

import { createRequire } from 'node:module'
import type { Test } from 'jest-runner'
import { seconds } from './seconds.ts'

// Loaded by `require`: as an ES module the package has other exports than its types declare.
const { default: Sequencer } = createRequire(import.meta.url)(
  '@jest/test-sequencer',
) as typeof import('@jest/test-sequencer')

/**
 * Orders test files by the seconds that they took when they were last measured, longest first, so that no long one runs at the end. Files
 * that weren't measured come first. Files of the cluster project are moved back by the time in which the cluster starts.
 */
class LongestFirst extends Sequencer {
  override sort(tests: Test[]): Test[] {
    const rank = ({ path, context }: Test) => {
      const took = seconds(path, context.config.rootDir) ?? Number.POSITIVE_INFINITY
      return context.config.displayName?.name === 'cluster' ? took - clusterStartSeconds : took
    }
    return tests.toSorted((one, other) => rank(other) - rank(one))
  }
}

/** Seconds that the development cluster takes to start, once it is built. */
const clusterStartSeconds = 20

// biome-ignore lint/style/noDefaultExport: Jest takes a sequencer's default export
export default LongestFirst

import { createRequire } from 'node:module'
import type { Test } from 'jest-runner'
import { seconds } from './seconds.ts'

// By `require`: as an ES module the package has other exports than its types say.
const { default: Sequencer } = createRequire(import.meta.url)(
  '@jest/test-sequencer',
) as typeof import('@jest/test-sequencer')

/**
 * Orders test files: those that take longest first, by the seconds that they took when they were measured last, so that no long one is left
 * for the end. Files without a measure come first. A file of the cluster project comes after some of the others, as the cluster starts
 * meanwhile.
 */
class LongestFirst extends Sequencer {
  override sort(tests: Test[]): Test[] {
    const rank = ({ path, context }: Test) => {
      const took = seconds(path, context.config.rootDir) ?? Number.POSITIVE_INFINITY
      return context.config.displayName?.name === 'cluster' ? took - clusterDelay : took
    }
    return tests.toSorted((one, other) => rank(other) - rank(one))
  }
}

/** Seconds that the dev cluster takes to start, where it is built. */
const clusterDelay = 20

// biome-ignore lint/style/noDefaultExport: Jest takes a sequencer's default export
export default LongestFirst

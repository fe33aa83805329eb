import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import type { Test } from 'jest-runner'
import { seconds } from './seconds.ts'

// Loaded by `require`: as an ES module the package has other exports than its types declare.
const { default: Sequencer } = createRequire(import.meta.url)(
  '@jest/test-sequencer',
) as typeof import('@jest/test-sequencer')

/** Returns the name of the Jest project of a test file. */
export const projectOf = ({ context }: Test): string | undefined => context.config.displayName?.name

/**
 * Orders test files: for the time in which the cluster starts, short files that don't use it; then those that use it, so that the files that
 * use it alone can run beside the rest; in each group the longest first, by the seconds that they took when they were last measured, so that
 * no long one runs at the end. Files that weren't measured come first in their group.
 */
class ClusterFirst extends Sequencer {
  override sort(tests: Test[]): Test[] {
    const took = ({ path, context }: Test) => seconds(path, context.config.rootDir) ?? unmeasuredSeconds
    const longestFirst = tests.toSorted((one, other) => took(other) - took(one))
    const onCluster = longestFirst.filter((test) => projectOf(test) === 'cluster')
    const others = longestFirst.filter((test) => projectOf(test) !== 'cluster')
    const workers = 2 * availableParallelism()
    let seen = 0
    const first = new Set(
      others.filter((test) => {
        const fits = onCluster.length > 0 && took(test) <= clusterStartSeconds && seen < workers * clusterStartSeconds
        if (fits) seen += took(test)
        return fits
      }),
    )
    return [...first, ...onCluster, ...others.filter((test) => !first.has(test))]
  }
}

/** Files that weren't measured take longer than any that was. */
const unmeasuredSeconds = 3_600
/** Seconds that the development cluster takes to start, once it is built. */
const clusterStartSeconds = 20

// biome-ignore lint/style/noDefaultExport: Jest takes a sequencer's default export
export default ClusterFirst

import type { Cluster } from '#core/ports/cluster'
import { memoize } from '#core/util/memoize'
import type { Config } from '#src/config/load'
import { findRefusedSets } from './find-refused-sets.ts'
import type { Check } from './health.ts'
import type { PolicyFile } from './policy-file.ts'

/** Milliseconds for which the comparison is reused; a changed policy is compared at once. */
const widthCacheMs = 60_000

/**
 * Returns the readiness check of a cluster. It warns where `retina.yaml`, perhaps reloaded since, allows more than the
 * admission policy in force: such runs would be refused by the cluster.
 */
export function clusterCheck(
  cluster: Pick<Cluster, 'name' | 'check' | 'dryRun'>,
  mode: Config['clusters'][number]['admissionPolicy'],
  rulebook: Pick<PolicyFile, 'rules' | 'hash'>,
): Check {
  const refusedSets = memoize(
    () => findRefusedSets(cluster, rulebook.rules()),
    () => performance.now(),
    widthCacheMs,
  )
  return {
    name: `cluster ${cluster.name}`,
    async check() {
      const state = await cluster.check()
      const refused = mode === 'off' ? [] : await refusedSets(rulebook.hash())
      if (refused.length === 0) return state
      const why = `the admission policy is narrower than retina.yaml, make it again (retina-chatops admission-policy): it refuses ${refused.join(', ')}`
      return state === undefined ? why : `${state}; ${why}`
    },
  }
}

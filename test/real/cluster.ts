import { afterAll, beforeAll } from '@jest/globals'
import { attach } from '#deploy/dev-cluster/cluster'
import { openNamespace, type TestCluster } from './test-cluster.ts'

/** The dev cluster as the global set-up left it, with a namespace for the debug pods of one file. */
export function useCluster(): () => TestCluster {
  let cluster: TestCluster | undefined
  beforeAll(async () => {
    cluster = await openNamespace(await attach())
  }, 60_000)
  afterAll(async () => cluster?.close())
  return () => {
    if (cluster === undefined) throw new Error('the dev cluster is not up')
    return cluster
  }
}

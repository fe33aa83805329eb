import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll } from '@jest/globals'
import { attach } from '#dev/dev-cluster/cluster'
import { waitUntil } from '#test/flow/wait-for'
import { openNamespace, type TestCluster } from './test-cluster.ts'

/** Attaches to the development cluster that the set-up started, with a namespace for the debug pods of one file. */
export function useCluster(): () => TestCluster {
  let cluster: TestCluster | undefined
  beforeAll(async () => {
    await waitForSetUp(process.env['RETINA_TEST_CLUSTER'] ?? '')
    cluster = await openNamespace(await attach())
  }, 900_000)
  afterAll(async () => cluster?.close())
  return () => {
    if (cluster === undefined) throw new Error('the dev cluster is not up')
    return cluster
  }
}

/** Waits until the set-up, which may run beside the first tests, has written its state file (cluster-setup.ts). Throws if it failed. */
async function waitForSetUp(file: string): Promise<void> {
  await waitUntil('the dev cluster is set up', () => existsSync(file), { seconds: 600 })
  const state = readFileSync(file, 'utf8')
  if (state !== 'ready') throw new Error(`the dev cluster could not be set up: ${state}`)
}

import { afterAll, afterEach, beforeAll } from '@jest/globals'
import { useCluster } from '#test/environment/cluster'
import { useRedis } from '#test/environment/redis'
import { type App, openApp } from '#test/flow/app'
import { triagePolicy } from './ask-triage.ts'
import { type Bench, openBench } from './bench.ts'

/** Opens the program with the starter policy, and what faults are made with, for all tests of a file; each test's faults are undone. */
export function useBench() {
  let app: App | undefined
  let bench: Bench | undefined
  // Declared before `useRedis`, whose hook would otherwise stop Redis first: hooks run in the order of declaration.
  afterAll(() => app?.end())
  const redis = useRedis()
  const cluster = useCluster()
  beforeAll(async () => {
    const settings = { ...cluster().settings, policy: triagePolicy, ready: 'keep: 10m, keepInPods: off', keep: true }
    ;[app, bench] = await Promise.all([openApp({ redis: redis.url(), ...settings }), openBench(cluster())])
  })
  afterEach(() => bench?.undoAll())
  return {
    cluster,
    redis,
    opened() {
      if (app === undefined || bench === undefined) throw new Error('they are not open yet')
      return { app, bench }
    },
  }
}

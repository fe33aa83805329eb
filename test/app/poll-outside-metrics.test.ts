import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { createMetrics } from '#src/app/metrics'
import { startStateMetrics } from '#src/app/poll-outside-metrics'
import { fakeCluster } from '#test/fakes/cluster'
import { listenOnLoopback } from '#test/fakes/listen'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'

/** Key and certificate of localhost, for this test alone. */
const pem = readFileSync(join(import.meta.dirname, 'localhost.pem'))
const validTo = 4_949_455_869

let stop = async () => {}
let server: Server | undefined
afterEach(async () => {
  await stop()
  server?.close()
})

const timing = { stateMetricsMs: 60_000, certificateIntervalMs: 60_000, chatTimeoutMs: 5_000 }
const memory = { usedBytes: 900, limitBytes: 1_000, policy: 'noeviction' }

async function textWith(options: Partial<Parameters<typeof startStateMetrics>[0]>, expected: RegExp): Promise<string> {
  const metrics = createMetrics()
  const defaults = { clusters: new Map(), redisMemory: async () => memory, config: {}, role: 'all' as const }
  stop = startStateMetrics({ ...defaults, metrics, log: silentLog, timing, ...options })
  await waitUntil(`the metrics have ${expected}`, async () => expected.test((await metrics.text()).body))
  return (await metrics.text()).body
}

test('shows the memory of Redis, and debug pods after their deadline in each cluster', async () => {
  const cluster = { ...fakeCluster('prod', {}), overduePods: async () => 2 }
  const text = await textWith({ clusters: new Map([['prod', cluster]]) }, /debug_pods_overdue\{cluster="prod"\} 2/)
  expect(text).toContain('retina_chatops_redis_memory_bytes 900\n')
  expect(text).toContain('retina_chatops_redis_memory_limit_bytes 1000\n')
})

test('a bot does not ask clusters for debug pods', async () => {
  const overduePods = () => Promise.reject(new Error('no right to list pods'))
  const clusters = new Map([['prod', { ...fakeCluster('prod', {}), overduePods }]])
  const text = await textWith({ clusters, role: 'bot' }, /redis_memory_bytes 900/)
  expect(text).not.toContain('debug_pods_overdue{')
})

test('shows when the certificates at the addresses of pages end, also of those that nobody trusts', async () => {
  server = createServer({ key: pem, cert: pem })
  const port = await listenOnLoopback(server)
  const config = { pages: { url: `https://localhost:${port}/` }, confirm: { url: 'http://localhost:1/' } }
  const text = await textWith({ config }, /address="localhost/)
  const [, seconds] = /certificate_expiry_timestamp_seconds\{address="localhost:\d+"\} ([\d.e+]+)/.exec(text) ?? []
  expect(Number(seconds)).toBe(validTo)
})

test('what cannot be read, or has no answer yet, keeps nothing else from being shown', async () => {
  const overduePods = () => Promise.reject(new Error('not reachable'))
  const clusters = new Map([
    ['lab', { ...fakeCluster('lab', {}), overduePods }],
    ['prod', { ...fakeCluster('prod', {}), overduePods: async () => 2 }],
  ])
  const redisMemory = () => new Promise<never>(() => undefined)
  const text = await textWith({ clusters, redisMemory }, /debug_pods_overdue\{cluster="prod"\} 2/)
  expect(text).not.toContain('debug_pods_overdue{cluster="lab"}')
})

test('what cannot be read is not shown, and nothing fails', async () => {
  const config = { pages: { url: 'https://127.0.0.1:1/' } }
  const text = await textWith({ config, redisMemory: async () => undefined }, /^/)
  expect(text).toMatch(/redis_memory_bytes 0\n/)
  expect(text).not.toContain('address=')
})

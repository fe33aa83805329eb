import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { followAudit } from '#test/environment/audit-log'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { loadWorker } from '#test/environment/killable-worker'
import type { AuditEvent } from '#test/environment/open-audit-log'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { inChannels, shown } from '#test/fakes/slack/shown'
import { atEnd, openApp } from '#test/flow/app'
import { auditRecords } from '#test/flow/audit-log'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
const cluster = useCluster()

/**
 * When each worker is killed: `delayMs` after it has created `pods` pods or has none left to create; that is before,
 * while and after pods start, run and end. Most of its runs have a pod by then, however slow the machine is: a run
 * without one is lost.
 */
const kills = [
  ...[
    { pods: 4, delayMs: 0 },
    { pods: 5, delayMs: 200 },
    { pods: 4, delayMs: 700 },
    { pods: 6, delayMs: 1_300 },
  ],
  ...[
    { pods: 5, delayMs: 100 },
    { pods: 4, delayMs: 400 },
    { pods: 6, delayMs: 2_000 },
    { pods: 4, delayMs: 1_000 },
  ],
]
const runs = 24
const channels = ['C0INCIDENT', 'C0OTHER']

/**
 * Times: locks and leases of a killed worker expire soon, and results that it didn't deliver are delivered by another.
 * A live worker renews them in time, however busy the machine is.
 */
const timing = {
  ...{ runLockMs: 3_000, stalledIntervalMs: 500, slotLeaseMs: 4_000 },
  ...{ settleMs: 3_000, undeliveredGraceMs: 5_000, undeliveredSeenMs: 1_000, deliveryLeaseMs: 4_000 },
}

/** Counts how often the API server created a pod of each name. */
function podsMade(events: readonly AuditEvent[]): Map<string, number> {
  const made = new Map<string, number>()
  for (const { objectRef = {}, verb, stage, responseStatus, requestURI } of events) {
    const isPod = objectRef.resource === 'pods' && objectRef.subresource === undefined && !requestURI.includes('dryRun')
    if (verb !== 'create' || stage !== 'ResponseComplete' || !isPod || responseStatus?.code !== 201) continue
    const name = objectRef.name ?? ''
    if (name.startsWith('retina-')) made.set(name, (made.get(name) ?? 0) + 1)
  }
  return made
}

test('T21 workers killed at every step: each run is started at most once, ends, has its result in its thread, and leaves no pod', async () => {
  const audit = followAudit(cluster())
  const policy = `
capabilitySets: { probe: { tools: [ping] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }] }]`
  const flow = await openApp({
    redis: redis.url(),
    ...cluster().settings,
    policy,
    role: 'bot',
    // Six at a time, so that few runs have no pod yet when their worker is killed.
    more: 'limits: { perNode: 3 }',
  })
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const store = openStore(connection)
  for (let at = 0; at < runs; at++)
    await flow.people.command('U0ALICE', `shell node00${1 + (at % 2)} ping -c 6 -i 0.3 127.0.0.1`, channels[at % 2])
  await waitUntil('all are queued', async () => (await store.runsOf('alice@example.com', 100)).length === runs)
  const all = () => store.runsOf('alice@example.com', 100)
  let interrupted = 0
  const load = () => loadWorker(flow, redis.url(), timing)
  let next = load()
  for (const { pods, delayMs } of kills) {
    const before = podsMade(audit()).size
    const worker = next
    await worker.start()
    next = load()
    const isBusy = async () =>
      podsMade(audit()).size >= before + pods || (await all()).every(({ state }) => state !== 'queued')
    await waitUntil('its pods have been made', isBusy)
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    await worker.kill()
    interrupted += (await all()).filter(({ state }) => state === 'starting' || state === 'running').length
  }
  // Without interrupted runs the other assertions would prove nothing.
  expect(interrupted).toBeGreaterThan(10)
  await next.start()
  await waitUntil(
    'every run has ended and its result is delivered',
    async () => (await all()).every((run) => run.toldAt !== undefined),
    { seconds: 150 },
  )

  const ends = (await all()).map(({ end }) => end?.reason)
  // The next worker follows every tool that a killed worker had started; only runs without a pod are lost.
  expect(new Set(ends)).toEqual(new Set(ends.includes('lost') ? ['completed', 'lost'] : ['completed']))
  expect(ends.filter((reason) => reason === 'completed').length).toBeGreaterThan(runs / 2)
  const results = inChannels(flow.slack.state.messages)
    .map(shown)
    .filter((text) => /ping -c 6/.test(text))
  expect(results).toHaveLength(runs)
  expect(results.filter((text) => !/Done, exit code 0|Lost/.test(text))).toEqual([])
  const started = (await auditRecords(connection, 'started')).map(({ run }) => run)
  expect(started.length).toBe(new Set(started).size)
  const made = podsMade(audit())
  expect([...made].filter(([, times]) => times > 1)).toEqual([])
  expect(made.size).toBeGreaterThan(runs / 2)
  await waitUntil('no pod is left', async () => (await debugPods(cluster())).length === 0)
})

import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { followAudit } from '#test/environment/audit-log'
import { useCluster } from '#test/environment/cluster'
import { debugPods, removeDebugPods } from '#test/environment/debug-pods'
import { loadWorker } from '#test/environment/killable-worker'
import type { AuditEvent } from '#test/environment/open-audit-log'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { hardenedNamespace } from '#test/environment/test-cluster'
import { shown } from '#test/fakes/slack/shown'
import { type AppOptions, atEnd, openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
const cluster = useCluster()
// Declared before the hook that stops the programs, so that it runs after it.
afterEach(() => removeDebugPods(cluster()))
let namespace = ''

beforeAll(async () => {
  namespace = await hardenedNamespace(cluster(), 'warm')
})
beforeEach(redis.empty)

const policy = `
capabilitySets: { probe: { tools: [ping, dig] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

async function open(change: Partial<AppOptions> = {}) {
  const flow = await openApp({
    redis: redis.url(),
    ...cluster().settings,
    policy,
    ready: 'keep: 5m, keepInPods: 30m',
    ...change,
  })
  const ask = async (text: string, name: string) => {
    await flow.people.command('U0ALICE', `${text} ${name}`)
    const message = shown(await flow.shows(new RegExp(`Done, exit code 0.*${name}`)))
    return /run ([a-z2-7]{12})/.exec(message)?.[1] ?? ''
  }
  return { ...flow, ask }
}

/** Counts requests about pods whose verb and path match. */
function requests(events: readonly AuditEvent[], pattern: RegExp): number {
  return events.filter(
    ({ stage, requestURI, verb }) =>
      stage === 'ResponseComplete' && pattern.test(`${verb} ${requestURI}`) && !requestURI.includes('dryRun'),
  ).length
}

/** Matches the creation of a debug pod. */
const podMade = /^create .*\/namespaces\/retina-[0-9a-f]+\/pods($|\?)/

test('on a node the second and third run reuse the pod of the first; `end` removes it', async () => {
  const { ask, people, shows } = await open()
  const audit = followAudit(cluster())
  const first = await ask('shell node001 ping -c 1', '127.0.0.1')
  await ask('shell node001 ping -c 1', '127.0.0.2')
  await ask('shell node001 ping -c 1', '127.0.0.3')
  expect(await debugPods(cluster())).toEqual([`retina-${first}`])
  expect(requests(audit(), podMade)).toBe(1)
  await people.command('U0ALICE', 'shell node001 ping -c 50 127.0.0.4')
  await people.press('U0ALICE', 'cancel', await shows(/Running.*127\.0\.0\.4/))
  await shows(/Canceled after.*127\.0\.0\.4/)
  expect(await debugPods(cluster())).toEqual([`retina-${first}`])
  await people.command('U0ALICE', `end ${first}`)
  await waitUntil('no pod is left', async () => (await debugPods(cluster())).length === 0)
  await ask('shell node001 ping -c 1', '127.0.0.5')
})

test('in a pod, three runs of one person share one container, which ends with the session', async () => {
  const { ask, people } = await open()
  const first = await ask(`shell -n ${namespace} pod/web-1 ping -c 1`, '127.0.0.1')
  await ask(`shell -n ${namespace} pod/web-1 ping -c 1`, '127.0.0.2')
  await ask(`shell -n ${namespace} pod/web-1 ping -c 1`, '127.0.0.3')
  const containers = async () => {
    const { status } = await cluster().core.readNamespacedPod({ namespace, name: 'web-1' })
    return status?.ephemeralContainerStatuses ?? []
  }
  expect(await containers()).toMatchObject([{ name: `retina-${first}`, state: { running: {} } }])
  await people.command('U0ALICE', `end ${first}`)
  await waitUntil('the container has ended', async () => (await containers())[0]?.state?.terminated !== undefined)
})

test('T21 a worker that is killed in the middle of a warm run: another follows the run, the tool runs once, no output is missing', async () => {
  const flow = await open({ role: 'bot' })
  // Locks and leases of a killed worker expire soon. A live worker renews them in time, however busy the machine is.
  const timing = { runLockMs: 3_000, stalledIntervalMs: 500, slotLeaseMs: 4_000 }
  const [worker, another] = [loadWorker(flow, redis.url(), timing), loadWorker(flow, redis.url(), timing)]
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  await worker.start()
  const host = await flow.ask('shell node001 ping -c 1', '127.0.0.1')
  const audit = followAudit(cluster())
  await flow.people.command('U0ALICE', 'shell node001 ping -c 30 -i 0.2 127.0.0.2')
  await flow.shows(/Running[\s\S]*icmp_seq=3/)
  await worker.kill()
  await another.start()
  const message = shown(await flow.shows(/Done, exit code 0.*127\.0\.0\.2/))
  const id = /run ([a-z2-7]{12})/.exec(message)?.[1] ?? ''
  const text = (await openStore(connection).transcript(id, 1_000_000)) ?? ''
  expect(text.match(/icmp_seq=\d+/g)).toEqual(Array.from({ length: 30 }, (_each, at) => `icmp_seq=${at + 1}`))
  expect(message).not.toContain('incomplete')
  // None where a standby exec started the run.
  expect(requests(audit(), /exec\?.*--spool/)).toBeLessThanOrEqual(1)
  // The API server may record an exec only once its connection is closed.
  await waitUntil('the follow is recorded', () => requests(audit(), /exec\?.*--follow/) > 0)
  expect(requests(audit(), podMade)).toBe(0)
  await flow.people.command('U0ALICE', `end ${host}`)
  await waitUntil('no pod is left', async () => (await debugPods(cluster())).length === 0)
})

test('an idle pod is removed soon after its timeout; a deleted one is replaced', async () => {
  const { ask } = await open({ ready: 'keep: 12s' })
  const first = await ask('shell node001 ping -c 1', '127.0.0.1')
  // Not with force: that doesn't wait for the container to end, and a standby exec in it would still start the next run.
  const { core, namespace: own } = cluster()
  const pod = { namespace: own, name: `retina-${first}` }
  await core.deleteNamespacedPod({ ...pod, gracePeriodSeconds: 1 })
  await waitUntil('it is gone', () =>
    core.readNamespacedPod(pod).then(
      () => false,
      () => true,
    ),
  )
  const second = await ask('shell node001 ping -c 1', '127.0.0.2')
  expect(await debugPods(cluster())).toEqual([`retina-${second}`])
  await waitUntil('no pod is left', async () => (await debugPods(cluster())).length === 0)
})

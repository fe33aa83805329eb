import { readFileSync, statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { connectRedis } from '#src/queue/redis'
import { redisStore } from '#src/store/redis'
import { startCli } from '#test/cli'
import { shown } from '#test/fakes/slack/shown'
import { botToken, signingSecret } from '#test/fakes/slack/state'
import { atEnd, type FlowOptions, openFlow } from '#test/flow/house'
import { sealKey } from '#test/flow/settings'
import { until } from '#test/flow/until'
import { hardenedNamespace, useCluster } from '#test/real/cluster'
import { debugPods, removeDebugPods } from '#test/real/debug-pods'
import { useRedis } from '#test/real/redis'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
const cluster = useCluster()
// Before the hook that stops the programs, so after it.
afterEach(() => removeDebugPods(cluster()), 60_000)
const namespace = 'warm'

beforeAll(async () => {
  await cluster().kubectl(['apply', '-f', '-'], hardenedNamespace(namespace, 'web-1'))
  await cluster().kubectl(['-n', namespace, 'wait', '--for=condition=Ready', 'pod/web-1', '--timeout=60s'])
}, 120_000)
beforeEach(redis.empty)
afterAll(async () => {
  await cluster().kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

const policy = `
capabilitySets: { probe: { tools: [ping, dig] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

async function open(change: Partial<FlowOptions> = {}) {
  const { kubeconfig, context } = cluster()
  const where = `name: dev, kubeconfig: '${kubeconfig}', context: ${context}`
  const flow = await openFlow({
    redis: redis.url(),
    cluster: where,
    policy,
    ready: 'keep: 5m, keepInPods: 30m',
    ...change,
  })
  const ask = async (text: string, name: string) => {
    await flow.people.command('U0ALICE', `${text} ${name}`)
    const message = shown(await flow.shows(new RegExp(`Done, exit code 0.*${name}`), 60))
    return /run ([a-z2-7]{12})/.exec(message)?.[1] ?? ''
  }
  return { ...flow, ask }
}

/** How often something was done to pods since a place in the API server's audit log, by the path asked for. */
function requests(from: number, pattern: RegExp): number {
  const lines = readFileSync(cluster().auditLog).subarray(from).toString('utf8').trim().split('\n')
  return lines.filter((line) => {
    const { stage, requestURI, verb } = JSON.parse(line) as { stage: string; requestURI: string; verb: string }
    return stage === 'ResponseComplete' && pattern.test(`${verb} ${requestURI}`) && !requestURI.includes('dryRun')
  }).length
}

test('on a node the second and third run go into the pod of the first; `end` removes it', async () => {
  const { ask, people, shows } = await open()
  const from = statSync(cluster().auditLog).size
  const first = await ask('shell node001 ping -c 1', '127.0.0.1')
  await ask('shell node001 ping -c 1', '127.0.0.2')
  await ask('shell node001 ping -c 1', '127.0.0.3')
  expect(await debugPods(cluster())).toEqual([`retina-${first}`])
  expect(requests(from, /^create .*\/namespaces\/retina-chatops\/pods($|\?)/)).toBe(1)
  await people.command('U0ALICE', 'shell node001 ping -c 50 127.0.0.4')
  await people.press('U0ALICE', 'cancel', await shows(/Running.*127\.0\.0\.4/))
  await shows(/Canceled after.*127\.0\.0\.4/)
  expect(await debugPods(cluster())).toEqual([`retina-${first}`])
  await people.command('U0ALICE', `end ${first}`)
  await until('no pod is left', async () => (await debugPods(cluster())).length === 0, 20)
  await ask('shell node001 ping -c 1', '127.0.0.5')
}, 120_000)

test('in a pod, three runs of one person make one container; it ends when the session does', async () => {
  const { ask, people } = await open()
  const first = await ask(`shell -n ${namespace} pod/web-1 ping -c 1`, '127.0.0.1')
  await ask(`shell -n ${namespace} pod/web-1 ping -c 1`, '127.0.0.2')
  await ask(`shell -n ${namespace} pod/web-1 ping -c 1`, '127.0.0.3')
  type Status = { name: string; state: { running?: object; terminated?: object } }
  const containers = async () => {
    const text = await cluster().kubectl(['-n', namespace, 'get', 'pod', 'web-1', '-o', 'json'])
    return (
      (JSON.parse(text) as { status: { ephemeralContainerStatuses?: Status[] } }).status.ephemeralContainerStatuses ??
      []
    )
  }
  expect(await containers()).toMatchObject([{ name: `retina-${first}`, state: { running: {} } }])
  await people.command('U0ALICE', `end ${first}`)
  await until('the container has ended', async () => (await containers())[0]?.state.terminated !== undefined, 30)
}, 120_000)

test('T21 a worker that is killed in the middle of a warm run: another follows it, the tool ran once, nothing is missing', async () => {
  const flow = await open({ role: 'bot' })
  const env = {
    ...{ REDIS_URL: redis.url(), SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret },
    RETINA_SEAL_KEY: sealKey,
  }
  const startWorker = async () => {
    const worker = startCli(['start', '--config', flow.file, '--role', 'worker'], env)
    atEnd(async () => void worker.child.kill('SIGKILL'))
    await until('it has started', () => worker.stderr().includes('"started"'), 60)
    return worker
  }
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const worker = await startWorker()
  const host = await flow.ask('shell node001 ping -c 1', '127.0.0.1')
  const from = statSync(cluster().auditLog).size
  await flow.people.command('U0ALICE', 'shell node001 ping -c 30 -i 0.5 127.0.0.2')
  await flow.shows(/Running[\s\S]*icmp_seq=3/, 60)
  worker.child.kill('SIGKILL')
  await worker.ended
  await startWorker()
  const message = shown(await flow.shows(/Done, exit code 0.*127\.0\.0\.2/, 90))
  const id = /run ([a-z2-7]{12})/.exec(message)?.[1] ?? ''
  const text = (await redisStore(connection).transcript(id, 1_000_000)) ?? ''
  expect(text.match(/icmp_seq=\d+/g)).toEqual(Array.from({ length: 30 }, (_each, at) => `icmp_seq=${at + 1}`))
  expect(message).not.toContain('incomplete')
  // None where it was begun by an exec that stood ready.
  expect(requests(from, /exec\?.*--spool/)).toBeLessThanOrEqual(1)
  expect(requests(from, /exec\?.*--follow/)).toBeGreaterThan(0)
  expect(requests(from, /^create .*\/namespaces\/retina-chatops\/pods($|\?)/)).toBe(0)
  await flow.people.command('U0ALICE', `end ${host}`)
  await until('no pod is left', async () => (await debugPods(cluster())).length === 0, 30)
}, 240_000)

test('a pod that nobody uses is gone soon after its time; one that was deleted is replaced', async () => {
  const { ask } = await open({ ready: 'keep: 12s' })
  const first = await ask('shell node001 ping -c 1', '127.0.0.1')
  // Not by force: that waits for no container, and an exec that stands ready in it would still begin the next run.
  await cluster().kubectl(['-n', 'retina-chatops', 'delete', 'pod', `retina-${first}`, '--now'])
  const second = await ask('shell node001 ping -c 1', '127.0.0.2')
  expect(await debugPods(cluster())).toEqual([`retina-${second}`])
  await until('no pod is left', async () => (await debugPods(cluster())).length === 0, 40)
}, 120_000)

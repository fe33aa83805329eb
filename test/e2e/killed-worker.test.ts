import { readFileSync, statSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/queue/redis'
import { redisStore } from '#src/store/redis'
import { startCli } from '#test/cli'
import { shown } from '#test/fakes/slack/shown'
import { botToken, signingSecret } from '#test/fakes/slack/state'
import { atEnd, type Flow, openFlow } from '#test/flow/house'
import { onRecord } from '#test/flow/on-record'
import { sealKey } from '#test/flow/settings'
import { until } from '#test/flow/until'
import { useCluster } from '#test/real/cluster'
import { debugPods } from '#test/real/debug-pods'
import { useRedis } from '#test/real/redis'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
const cluster = useCluster()

/** Milliseconds after its start at which a worker is killed: before, while and after pods start, run and end. */
const kills = [700, 1_100, 1_500, 2_000, 1_300, 900, 2_600, 1_700]
const runs = 24
const channels = ['C0INCIDENT', 'C0OTHER']

/** A worker in a process of its own, which a kill -9 takes away without a word. */
function startWorker(flow: Flow) {
  const env = {
    REDIS_URL: redis.url(),
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    RETINA_SEAL_KEY: sealKey,
  }
  const worker = startCli(['start', '--config', flow.file, '--role', 'worker'], env)
  atEnd(async () => void worker.child.kill('SIGKILL'))
  return worker
}

/** How often the API server made a pod of each name since a place in its audit log. */
function podsMade(from: number): Map<string, number> {
  const made = new Map<string, number>()
  // The last one may be only half written.
  const lines = readFileSync(cluster().auditLog).subarray(from).toString('utf8').split('\n').slice(0, -1)
  for (const line of lines) {
    const event = JSON.parse(line) as {
      verb: string
      stage: string
      requestURI: string
      objectRef?: { resource?: string; name?: string; subresource?: string }
      responseStatus?: { code?: number }
    }
    const { objectRef = {}, verb, stage, responseStatus, requestURI } = event
    const isPod = objectRef.resource === 'pods' && objectRef.subresource === undefined && !requestURI.includes('dryRun')
    if (verb !== 'create' || stage !== 'ResponseComplete' || !isPod || responseStatus?.code !== 201) continue
    const name = objectRef.name ?? ''
    if (name.startsWith('retina-')) made.set(name, (made.get(name) ?? 0) + 1)
  }
  return made
}

test('T21 workers killed at every step: each run at most once, ended, told in its thread, and no pod left', async () => {
  const { kubeconfig, context, auditLog } = cluster()
  const from = statSync(auditLog).size
  const policy = `
capabilitySets: { probe: { tools: [ping] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }] }]`
  const where = `name: dev, kubeconfig: '${kubeconfig}', context: ${context}`
  const flow = await openFlow({
    redis: redis.url(),
    cluster: where,
    policy,
    role: 'bot',
    more: 'limits: { perNode: 6 }',
  })
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const store = redisStore(connection)
  for (let at = 0; at < runs; at++)
    await flow.people.command('U0ALICE', `shell node00${1 + (at % 2)} ping -c 6 -i 0.3 127.0.0.1`, channels[at % 2])
  await until('all are queued', async () => (await store.runsOf('alice@example.com', 100)).length === runs, 60)
  const all = () => store.runsOf('alice@example.com', 100)
  let interrupted = 0
  for (const after of kills) {
    const worker = startWorker(flow)
    await until('it has started', () => worker.stderr().includes('"started"'))
    // On a slow machine a kill so soon would meet all that may begin at once before any of it has a pod, and nothing to take over.
    await until('a pod has been made', () => podsMade(from).size > 0, 60)
    await new Promise((resolve) => setTimeout(resolve, after))
    worker.child.kill('SIGKILL')
    await worker.ended
    interrupted += (await all()).filter(({ state }) => state === 'starting' || state === 'running').length
  }
  // Else the kills would have missed everything, and the rest of this would say nothing.
  expect(interrupted).toBeGreaterThan(10)
  startWorker(flow)
  await until(
    'every run has ended and was told',
    async () => (await all()).every((run) => run.toldAt !== undefined),
    150,
  )

  const ends = (await all()).map(({ end }) => end?.reason)
  // What a killed worker had begun is followed to its end by the next one; only what left no trace is lost.
  expect(new Set(ends)).toEqual(new Set(ends.includes('lost') ? ['completed', 'lost'] : ['completed']))
  expect(ends.filter((reason) => reason === 'completed').length).toBeGreaterThan(runs / 2)
  const told = flow.slack.state.messages.map(shown).filter((text) => /ping -c 6/.test(text))
  expect(told).toHaveLength(runs)
  expect(told.filter((text) => !/Done, exit code 0|Lost/.test(text))).toEqual([])
  const started = (await onRecord(connection, 'started')).map(({ run }) => run)
  expect(started.length).toBe(new Set(started).size)
  const made = podsMade(from)
  expect([...made].filter(([, times]) => times > 1)).toEqual([])
  expect(made.size).toBeGreaterThan(runs / 2)
  await until('no pod is left', async () => (await debugPods(cluster())).length === 0, 60)
}, 280_000)

import { expect, test } from '@jest/globals'
import type { PodInfo } from '#core/request/target'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { type AppOptions, openApp } from './app.ts'

const redis = useRedis()

/** Alice has her sets on pods alone, Bob on nodes with a label too. */
const policy = `
capabilitySets:
  probe: { tools: [dig] }
  processes: { tools: [dig, ss], capabilities: [SYS_PTRACE], host: { pid: true } }
grants:
  - { to: [alice@example.com], sets: [probe, processes], on: [{ namespaces: [shop] }] }
  - { to: [bob@example.com], sets: [probe], on: [{ namespaces: [shop] }, { nodes: 'pool=web' }] }`

const common = { namespace: 'shop', namespaceLabels: {}, status: 'Running', labels: { app: 'web' } }
const accessOf = (namespaces: NonNullable<PodInfo['access']>['namespaces']) => ({
  ...{ namespaces, sharesProcesses: false, containers: [] },
})
const pods: PodInfo[] = [
  { ...common, name: 'net-1', uid: 'uid-net-1', node: 'node001', access: accessOf(['network']) },
  { ...common, name: 'net-2', uid: 'uid-net-2', node: 'node002', access: accessOf(['network']) },
  { ...common, name: 'pid-1', uid: 'uid-pid-1', node: 'node001', access: accessOf(['processes']) },
]

async function open(change: Partial<AppOptions> = {}) {
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] }, [], pods)
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, ...change }
  return { ...(await openApp(options)), cluster, options }
}

test('T46 a pod in its node’s network isn’t reached by a grant on its namespace, and the refusal says what to ask for', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell -n shop pod/net-1 dig example.com')
  const text = shown(await shows(/I could not do that/))
  expect(text).toContain(
    `Not allowed: the pod opens its node's network (hostNetwork), which a grant on pods doesn't reach; ask for "probe" or "processes" on node/node001.`,
  )
  expect(text).toContain('Who grants it: #platform.')
  await people.command('U0ALICE', 'can-i shell -n shop pod/net-1 dig example.com')
  const verdict = shown(await shows(/No: this would be refused/))
  expect(verdict).toContain('judged as node/node001 (hostNetwork)')
  expect(verdict).toContain('ask for "probe" or "processes" on node/node001. Nothing was run.')
  await people.command('U0ALICE', 'shell --dry-run -n shop pod/pid-1 dig example.com')
  expect(shown(await shows(/hostPID/))).toContain('ask for "processes" on node/node001')
  expect(cluster.launched).toEqual([])
  await people.command('U0ALICE', 'shell -n shop pod/web-1 dig example.com')
  await shows(/Done, exit code 0/)
})

test('T46 who has the set on its node too, by name or label, reaches it; needs are those on the node', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0BOB', 'shell -n shop pod/net-1 dig example.com')
  await shows(/Done, exit code 0/)
  expect(cluster.launched).toHaveLength(1)
  await people.command('U0BOB', 'shell -n shop pod/net-2 dig example.com')
  expect(shown(await shows(/I could not do that/))).toContain('ask for "probe" on node/node002')
  await people.command('U0BOB', 'shell -n shop pod/pid-1 dig example.org')
  expect(shown(await shows(/example\.org/))).toContain(
    `"probe" does not give access to the node's processes (host PID); the pod opens its node's processes (hostPID)`,
  )
  expect(cluster.launched).toHaveLength(1)
})

test('T46 of pods that a selector matches, those that are their nodes are left out, with the reason', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'can-i shell -n shop -l app=web dig example.com')
  expect(shown(await shows(/4 pods of shop/))).toMatch(/3\s+would be refused: node-access/)
  await people.command('U0ALICE', 'shell -n shop -l app=web dig example.com')
  const text = shown(await shows(/Done on 1/))
  expect(text).toContain('the pod opens its node')
  expect(cluster.launched.map(({ spec }) => spec.target.name)).toEqual(['web-1'])
})

test('T46 a grant on the node that is taken away while the run waits ends it unrun', async () => {
  const { people, shows, cluster, slack, options } = await open({ role: 'bot' })
  await people.command('U0BOB', 'shell -n shop pod/net-1 dig example.com')
  await shows(/Queued/)
  await openApp({ ...options, slack, role: 'worker', policy: policy.replace('pool=web', 'pool=db') })
  expect(shown(await shows(/Refused/))).toContain('ask for "probe" on node/node001')
  expect(cluster.launched).toEqual([])
})

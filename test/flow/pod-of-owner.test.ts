import { expect, test } from '@jest/globals'
import type { PodInfo } from '#core/request/target'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from './app.ts'

const redis = useRedis()

const policy = `
capabilitySets:
  probe: { tools: [dig] }
grants:
  - { to: [alice@example.com], sets: [probe], on: [{ namespaces: [shop] }] }
  - { to: [bob@example.com], sets: [probe], on: [{ namespaces: [shop], pods: 'web-b' }] }`

function pods(): PodInfo[] {
  const pod = (name: string, ready: boolean, more: Partial<PodInfo> = {}): PodInfo => ({
    ...{ uid: `uid-${name}`, namespace: 'shop', namespaceLabels: {}, name, status: 'Running', node: 'node001', ready },
    labels: { app: 'shop', 'pod-template-hash': '5d4' },
    controller: { kind: 'ReplicaSet', name: 'web-5d4' },
    ...more,
  })
  return [
    pod('web-a', false),
    pod('web-b', true),
    pod('web-c', true),
    pod('db-0', true, { labels: { app: 'db' }, controller: { kind: 'StatefulSet', name: 'db' } }),
    pod('db-1', false, {
      labels: { app: 'db' },
      controller: { kind: 'StatefulSet', name: 'db' },
      problem: 'it is on no node yet (Pending), so nothing can be started in it',
    }),
    pod('sick-0', false, { labels: { app: 'sick' }, controller: { kind: 'StatefulSet', name: 'sick' } }),
  ]
}

async function open() {
  await redis.empty()
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] }, [], pods())
  cluster.services.set('shop/web', { selector: { app: 'shop' } })
  cluster.services.set('shop/outside', { selector: {} })
  const app = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy })
  return { ...app, cluster }
}

test.each([
  ['deploy/web', 'web-b', 'deploy/web: pod/web-b, one of 2 ready ones'],
  ['svc/web', 'web-b', 'svc/web: pod/web-b, one of 2 ready ones'],
  ['sts/db', 'db-0', 'sts/db: pod/db-0, the ready one'],
  ['sts/sick', 'sick-0', 'sts/sick: pod/sick-0, none of 1 is ready'],
])('%s: a ready pod of it is chosen and named', async (owner, name, note) => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', `can-i shell -n shop ${owner} dig example.com`)
  expect(shown(await shows(/Nothing is run|would|probe/))).toContain(note)
  await people.command('U0ALICE', `shell -n shop ${owner} dig example.com`)
  const root = await shows(/Done/)
  expect(shown(root)).toContain(name)
  expect(cluster.launched.map(({ spec }) => spec.target)).toMatchObject([{ kind: 'pod', namespace: 'shop', name }])
})

test('only a pod that the person may name is chosen, and no other is revealed', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0BOB', 'shell -n shop deploy/web dig example.com')
  await shows(/Done/)
  expect(cluster.launched.map(({ spec }) => spec.target.name)).toEqual(['web-b'])
  await people.command('U0BOB', 'shell -n shop sts/db dig example.com')
  const refusal = shown(await shows(/there is no pod of sts\/db that you may name/))
  expect(refusal).not.toMatch(/db-0/)
})

test('an owner without pods, and a service that is missing or selects none, are answered', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell -n shop deploy/nosuch dig example.com')
  await shows(/there is no pod of deploy\/nosuch/)
  await people.command('U0ALICE', 'shell -n shop svc/nosuch dig example.com')
  await shows(/There is no service nosuch/)
  await people.command('U0ALICE', 'shell -n shop svc/outside dig example.com')
  await shows(/selects no pods by labels/)
  expect(cluster.launched).toEqual([])
})

test('--all runs it on every pod of the owner', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell -n shop deploy/web --all dig example.com')
  await shows(/Done on 3: dig example\.com on pods of deploy\/web in shop/)
  expect(cluster.launched.map(({ spec }) => spec.target.name).toSorted()).toEqual(['web-a', 'web-b', 'web-c'])
})

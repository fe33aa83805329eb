import { expect, test } from '@jest/globals'
import type { PodInfo } from '#core/request/target'
import { useRedis } from '#test/environment/redis'
import { fakeCluster, type Tools } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policy = `
capabilitySets:
  triage: { tools: [curl, ss, ip, nstat, sysctl, dig, api endpoints, api policies], capabilities: [NET_ADMIN, NET_RAW] }
  probe: { tools: [curl] }
grants:
  - { to: [alice@example.com], sets: [triage], on: [{ namespaces: [shop] }] }
  - { to: [bob@example.com], sets: [probe], on: [{ namespaces: [shop] }, { nodes: 'node002' }] }`

const pod = (name: string, ready: boolean, more: Partial<PodInfo> = {}): PodInfo => ({
  ...{ uid: `uid-${name}`, namespace: 'shop', namespaceLabels: {}, name, status: 'Running', node: 'node001', ready },
  labels: { app: 'front', 'pod-template-hash': '5d4' },
  controller: { kind: 'ReplicaSet', name: 'front-5d4' },
  ...more,
})
const pods = [
  pod('front-a', false),
  pod('front-b', true),
  pod('front-c', true),
  pod('db-0', true, { labels: { app: 'db' }, controller: { kind: 'StatefulSet', name: 'db' } }),
]

const service = (change: object = {}) => ({
  kind: 'Service',
  metadata: { name: 'front' },
  spec: { clusterIP: '10.96.0.5', selector: { app: 'front' }, ports: [{ port: 80, targetPort: 8080 }], ...change },
})
const slice = (...addresses: string[]) => ({
  kind: 'EndpointSlice',
  metadata: { name: 'front-x' },
  ports: [{ port: 8080 }],
  endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
})

async function open(curl: Tools[string] | undefined, objects: readonly object[], morePods: readonly PodInfo[] = pods) {
  await redis.empty()
  const cluster = fakeCluster('dev', curl === undefined ? {} : { curl }, [], morePods)
  cluster.services.set('shop/front', { selector: { app: 'front' } })
  cluster.apiObjects.set('endpoints shop/front', objects)
  const app = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy })
  return { ...app, cluster }
}

const answer = [{ out: 'HTTP/1.1 200 OK\r\n\r\n' }]

test('a Service is looked at from a ready pod behind it: its endpoints, its address, each endpoint', async () => {
  const { people, shows, cluster } = await open(
    (argv) =>
      argv.at(-1)?.includes('10.244.1.9') === true
        ? [
            { err: 'curl: (28) Connection timed out after 3001 milliseconds\n' },
            { end: { reason: 'failed', exitCode: 28 } },
          ]
        : answer,
    [service(), slice('10.244.0.7', '10.244.1.9')],
  )
  await people.command('U0ALICE', 'triage svc/front -n shop')
  const message = await shows(/-n shop svc\/front: The endpoint 10\.244\.1\.9:8080 does not answer/)
  expect(shown(message)).toContain('service, pod-connectivity on -n shop svc/front')
  const [run] = cluster.launched
  expect(cluster.launched).toHaveLength(1)
  expect(run?.spec.target).toMatchObject({ kind: 'pod', name: 'front-b' })
  expect(run?.spec.pipeline).toContainEqual(['curl', '-sSi', '-m', '3', 'http://10.96.0.5:80/'])
  // Read as the person.
  expect(cluster.readers).toContain('alice@example.com endpoints')
})

test('a Service without a pod behind it: the API server says why, and its address is tried from a node', async () => {
  const { people, shows, cluster } = await open(() => answer, [service(), slice()], [])
  await people.command('U0BOB', 'triage -n shop svc/front service')
  const message = await shows(/service on -n shop svc\/front/)
  await waitUntil('it is done', () => !/parts done/.test(shown(message)))
  expect(shown(message)).toMatch(/endpoints: the set triage would give it/)
  expect(cluster.launched.map(({ spec }) => spec.target.name)).toEqual(['node002'])
  // Who has no node still learns what the API server says.
  await people.command('U0ALICE', 'triage -n shop svc/front')
  await shows(/svc\/front: The Service has no endpoints: no pod matches app=front/)
  expect(cluster.launched).toHaveLength(1)
})

test('T07 who may name nothing in the namespace learns nothing of a Service', async () => {
  const { people, shows, cluster } = await open(() => answer, [service(), slice()])
  await people.command('U0CAROL', 'triage -n shop svc/front')
  await shows(/You have no access to -n shop svc\/front/)
  await people.command('U0CAROL', 'triage -n shop svc/nosuch')
  await shows(/You have no access to -n shop svc\/nosuch/)
  await people.command('U0ALICE', 'triage -n shop svc/nosuch')
  await shows(/There is no service nosuch in the namespace shop/)
  expect(cluster.readers).toEqual([])
})

test.each([
  ['deploy/front', 'front-b', /on -n shop pod\/front-b, one of 2 ready ones of deploy\/front/],
  ['sts/db', 'db-0', /on -n shop pod\/db-0, the ready one of sts\/db/],
])('%s: a ready pod of it is the target, and named', async (owner, name, text) => {
  const { people, shows, cluster } = await open(undefined, [])
  await people.command('U0ALICE', `triage -n shop ${owner}`)
  await shows(text)
  await waitUntil('it runs', () => cluster.launched.length > 0)
  expect(cluster.launched.map(({ spec }) => spec.target.name)).toEqual([name])
})

test('--all: every pod of an owner is a target', async () => {
  const { people, shows, cluster } = await open(undefined, [])
  await people.command('U0ALICE', 'triage -n shop deploy/front --all pod-connectivity')
  await shows(/on pods of deploy\/front in shop/)
  await waitUntil('all run', () => cluster.launched.length === 3)
  expect(cluster.launched.map(({ spec }) => spec.target.name).toSorted()).toEqual(['front-a', 'front-b', 'front-c'])
})

test('an owner without pods, and a playbook for another kind of target, are answered with what to type', async () => {
  const { people, shows, cluster } = await open(undefined, [])
  await people.command('U0ALICE', 'triage -n shop deploy/nosuch')
  await shows(/there is no pod of deploy\/nosuch that you may name/)
  await people.command('U0ALICE', 'triage -n shop pod/db-0 service')
  await shows(
    /No check of the playbook service runs here\. It is for Services: name one, as in `?triage -n shop svc\/web/,
  )
  await people.command('U0ALICE', 'triage -n shop pod/db-0 dsn')
  await shows(/There is no playbook "dsn"[\s\S]*triage -n shop pod\/db-0 dns/)
  expect(cluster.launched).toEqual([])
})

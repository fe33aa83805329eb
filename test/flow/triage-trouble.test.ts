import { expect, test } from '@jest/globals'
import type { NodeInfo } from '#core/request/target'
import type { EndReason } from '#core/runs/run'
import { useRedis } from '#test/environment/redis'
import { type FakeCluster, fakeCluster, type Step, type Tools } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { sysctlWith } from '#test/fakes/sysctl'
import { type AppOptions, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policy = `
capabilitySets:
  triage:
    tools: [ping, dig, ip, ss, nstat, conntrack, sysctl, chroot, iptables, mpstat, api nodes, api leases, api endpoints]
    capabilities: [NET_ADMIN, NET_RAW, SYS_CHROOT]
    host: { filesystem: read-only, pid: true }
grants:
  - { to: [alice@example.com], sets: [triage], on: [{ nodes: '*' }] }`

const healthy: Tools = {
  ip: (argv) =>
    argv.includes('get') ? [{ out: '1.1.1.1 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0\n' }] : [{ out: '[]\n' }],
  sysctl: sysctlWith({ 'net.ipv4.ip_forward': '1' }),
  nstat: (argv) => [{ out: argv.flatMap((name) => (/^[A-Z]/.test(name) ? [`${name}  1000  0.0\n`] : [])).join('') }],
}

const pool = (count: number): NodeInfo[] =>
  Array.from({ length: count }, (_none, at) => {
    const name = `web${String(at + 1).padStart(3, '0')}`
    return { uid: `uid-${name}`, name, status: 'Ready', os: 'linux', version: 'v1.36.0', labels: { tier: 'front' } }
  })

/** A node as the API server has it. */
const nodeObject = (name: string, ready: boolean) => ({
  kind: 'Node',
  metadata: { name },
  status: {
    addresses: [{ type: 'InternalIP', address: '10.0.0.5' }],
    conditions: [
      { type: 'Ready', status: ready ? 'True' : 'Unknown', reason: 'NodeStatusUnknown', message: 'kubelet stopped' },
    ],
  },
})

async function open(tools: Tools, nodes: readonly NodeInfo[] = [], change: Partial<AppOptions> = {}) {
  await redis.empty()
  const cluster = fakeCluster('dev', tools, nodes)
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, ...change }
  const app = await openApp(options)
  /** Runs a triage to its end; returns its text. */
  const triage = async (command: string, seconds?: number): Promise<string> => {
    const before = app.slack.state.files.length
    await app.people.command('U0ALICE', command)
    await waitUntil('it is done', () => app.slack.state.files.slice(before).some(({ name }) => name.endsWith('.txt')), {
      seconds,
    })
    return shown(await app.shows(/all outputs in/))
  }
  return { ...app, cluster, triage }
}

/** Makes runs on a node end like this, without any output. */
function endOn(cluster: FakeCluster, name: string, reason: EndReason, message: string): void {
  const { launch } = cluster
  cluster.launch = (run, signal) => {
    if (run.spec.target.name !== name) return launch(run, signal)
    cluster.launched.push({ id: run.id, spec: run.spec })
    const end = { reason, message, at: new Date().toISOString(), complete: false }
    return {
      started: new Promise(() => undefined),
      output: (async function* () {})(),
      ended: Promise.resolve(end),
      remove: async () => undefined,
      leave: () => undefined,
    }
  }
}

const failing = (exitCode: number, err: string): Step[] => [{ err }, { end: { reason: 'failed', exitCode } }]

test('a target that disappears meanwhile is told, and the others answer', async () => {
  const { cluster, triage } = await open(healthy, pool(3))
  endOn(cluster, 'web002', 'target-gone', 'the node web002 was deleted')
  const text = await triage('triage -l tier=front node-network')
  expect(text).toMatch(/Not looked at: .*web002: the node web002 was deleted/)
  expect(text).toMatch(/Nothing found by \d+ checks on nodes with tier=front/)
})

test('one of 60 nodes is not ready: it is named with what the API server says, and the others are compared', async () => {
  const nodes = pool(60).map((node, at) => (at === 41 ? { ...node, status: 'NotReady' } : node))
  const { cluster, triage } = await open(healthy, nodes, { timing: { slotIntervalMs: 50 } })
  cluster.apiObjects.set(
    'nodes',
    nodes.map(({ name, status }) => nodeObject(name, status === 'Ready')),
  )
  endOn(cluster, 'web042', 'start-timeout', 'its pod did not start: kubelet does not answer')
  const text = await triage('triage -l tier=front --targets 60 node-network node-health')
  expect(text).toMatch(/1 of 60 \(web042\): The node says of itself: Ready, NodeStatusUnknown/)
  expect(text).toMatch(/web042: its pod did not start: kubelet does not answer/)
  expect(text).toMatch(/web042 \| FAIL/)
})

test('a check that hangs has its own deadline, and is no finding', async () => {
  const { triage } = await open({ ...healthy, conntrack: () => [{ end: { reason: 'deadline' } }] })
  const text = await triage('triage node001 node-network')
  expect(text).toMatch(/Nothing found by \d+ checks/)
  expect(text).toMatch(/conntrack-drops: conntrack did not end in time/)
})

test('a check that writes more than its part is not looked at', async () => {
  const { triage } = await open({
    ...healthy,
    conntrack: () => [{ out: 'x\n'.repeat(30_000) }, { end: { reason: 'output-limit' } }],
  })
  const text = await triage('triage node001 node-network')
  expect(text).toMatch(/conntrack-drops: conntrack wrote more than is read/)
  expect(text).toMatch(/Nothing found by \d+ checks/)
})

test('where a command writes 10 MB, so that the run reaches its limit, what follows is not looked at', async () => {
  const flood = 'x'.repeat(999).concat('\n').repeat(10_000)
  const { triage } = await open({ ...healthy, conntrack: () => [{ out: flood }] })
  const text = await triage('triage node001 node-network')
  expect(text).toMatch(/Nothing found by \d+ checks/)
  expect(text).toMatch(/was not run/)
})

test.each([
  ['a tool', { ss: () => failing(127, 'ss: not found in this image\n') }, /listen-queue[^;]*: there is no ss here/],
  [
    'a setting',
    {
      sysctl: () =>
        failing(255, 'sysctl: cannot stat /proc/sys/net/netfilter/nf_conntrack_max: No such file or directory\n'),
    },
    /conntrack-full[^;]*: what sysctl reads is not there/,
  ],
  [
    'a link',
    { ip: () => failing(1, 'Device "eth0" does not exist.\n') },
    /link-state[^;]*: what ip reads is not there/,
  ],
  [
    'a right',
    { conntrack: () => failing(1, 'Operation not permitted\n') },
    /conntrack-drops: conntrack was not permitted to look/,
  ],
])('%s that is missing is no finding', async (_what, tools: Tools, told) => {
  const { triage } = await open({ ...healthy, ...tools })
  const text = await triage('triage node001 node-network')
  expect(text).not.toMatch(/FAIL|WARN/)
  expect(text).toMatch(told)
})

test.each([60, 200])(
  '%i nodes: one container and one run for each node and set, and each list of the API server read once',
  async (count) => {
    const { cluster, triage } = await open(healthy, pool(count), {
      ready: 'keep: 5m',
      timing: { slotIntervalMs: 50 },
      more: 'limits: { perCluster: 400, perPerson: 1000, perChannel: 1000, workerConcurrency: 50 }',
    })
    cluster.apiObjects.set(
      'nodes',
      pool(count).map(({ name }) => nodeObject(name, true)),
    )
    const command = `triage -l tier=front --targets ${count} node-network node-health`
    await triage(command, 120)
    expect(cluster.launched).toHaveLength(count)
    expect(new Set(cluster.launched.map(({ spec }) => spec.target.name)).size).toBe(count)
    const reads = cluster.readers.toSorted()
    expect(reads).toEqual([
      'alice@example.com leases',
      'alice@example.com nodes',
      'itself dns-config',
      'itself endpoints',
      'itself endpoints',
      'itself nodes',
    ])
    // Again, in the containers that stayed: no further create, and one exec for each.
    await triage(command, 120)
    expect(cluster.launched).toHaveLength(count)
    expect(cluster.entered).toHaveLength(count)
  },
)

test('60 nodes and two sets: one container and one run for each node and each set', async () => {
  const two = `
capabilitySets:
  probe: { tools: [ip, ss, nstat] }
  netfilter: { tools: [conntrack, iptables], capabilities: [NET_ADMIN, NET_RAW] }
grants:
  - { to: [alice@example.com], sets: [probe, netfilter], on: [{ nodes: '*' }] }`
  const { cluster, triage } = await open(healthy, pool(60), {
    policy: two,
    timing: { slotIntervalMs: 50 },
    more: 'limits: { perCluster: 400, workerConcurrency: 50 }',
  })
  await triage('triage -l tier=front --targets 60 node-network', 120)
  const perNode = Map.groupBy(cluster.launched, ({ spec }) => spec.target.name)
  expect([perNode.size, cluster.launched.length]).toEqual([60, 120])
  for (const runs of perNode.values())
    expect(runs.map(({ spec }) => spec.capabilities.length).toSorted()).toEqual([0, 2])
})

import { expect, test } from '@jest/globals'
import type { NodeInfo } from '#core/request/target'
import { useRedis } from '#test/environment/redis'
import { fakeCluster, type Tools } from '#test/fakes/cluster'
import { buttonsOf, inChannels, shown } from '#test/fakes/slack/shown'
import { sysctlWith } from '#test/fakes/sysctl'
import { type AppOptions, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policy = `
capabilitySets:
  probe: { tools: [ping, dig, ip, ss, nstat], capabilities: [NET_RAW] }
  triage:
    tools: [ping, dig, ip, ss, nstat, conntrack, sysctl, chroot, api nodes, api leases, api endpoints, api policies]
    capabilities: [NET_ADMIN, NET_RAW, SYS_CHROOT]
    host: { filesystem: read-only, pid: true }
grants:
  - { to: [alice@example.com], sets: [triage], on: [{ nodes: '*' }, { namespaces: [shop] }] }
  - { to: [bob@example.com], sets: [probe], on: [{ nodes: '*' }] }`

/** Tools of a healthy node. */
const healthy: Tools = {
  ip: (argv) =>
    argv.includes('get')
      ? [{ out: '1.1.1.1 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0\n' }]
      : [{ out: 'default via 10.0.0.1 dev eth0\n' }],
  sysctl: sysctlWith({
    'net.ipv4.ip_forward': '1',
    'net.netfilter.nf_conntrack_count': '120',
    'net.netfilter.nf_conntrack_max': '262144',
  }),
  nstat: (argv) => [{ out: argv.flatMap((name) => (/^[A-Z]/.test(name) ? [`${name}  1000  0.0\n`] : [])).join('') }],
}

const noRoute: Tools = {
  ...healthy,
  ip: () => [{ err: 'RTNETLINK answers: Network is unreachable\n' }, { end: { reason: 'failed', exitCode: 2 } }],
}

async function open(tools: Tools, change: Partial<AppOptions> = {}, more: readonly NodeInfo[] = []) {
  await redis.empty()
  const cluster = fakeCluster('dev', tools, more)
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, ...change }
  return { ...(await openApp(options)), cluster }
}

test('triage of a healthy node finds nothing, and says how many checks looked', async () => {
  const { people, shows, cluster } = await open(healthy)
  await people.command('U0ALICE', 'triage node001')
  const message = await shows(/Nothing found by \d+ checks on node\/node001/)
  expect(shown(message)).not.toMatch(/FAIL|WARN/)
  // All checks ran in one container of the one set that covers them.
  expect(cluster.launched).toHaveLength(1)
  expect(cluster.launched[0]?.spec.batch).toBeDefined()
})

test('triage names the cause, with evidence and a button for the next command, which runs as if it had been typed', async () => {
  const { people, shows, slack, cluster } = await open(noRoute)
  await people.command('U0ALICE', 'triage node001')
  const message = await shows(/node001: No route leads out of the node: Network is unreachable/)
  await waitUntil('it is done', () => /good/.test(shown(message)) && !/parts done/.test(shown(message)))
  expect(shown(message)).toMatch(/FAIL route-default, surely/)
  expect(shown(message)).toContain('$ ip route get 1.1.1.1')
  expect(shown(message)).toContain('RTNETLINK answers: Network is unreachable')
  expect(buttonsOf(message)['next-1']).toMatch(/^[a-z2-7]{12} route-default$/)
  await people.press('U0ALICE', 'next-1', message)
  await shows(/ip route on node\/node001/)
  await waitUntil('it runs', () => cluster.launched.length === 2)
  expect(cluster.launched[1]?.spec.pipeline).toEqual([['ip', 'route']])
  expect(inChannels(slack.state.messages)).toHaveLength(2)
})

test('a failure is shown as soon as its command has ended, while others still run', async () => {
  const slow = Promise.withResolvers<void>()
  const nstat: Tools[string] = (argv, spec) => [{ until: slow.promise }, ...(healthy['nstat']?.(argv, spec) ?? [])]
  const { people, shows } = await open({ ...noRoute, nstat })
  await people.command('U0ALICE', 'triage node001')
  const early = await shows(/node001: No route leads out of the node/)
  expect(shown(early)).toMatch(/0 of 1 parts done/)
  slow.resolve()
  const message = await shows(/\d good/)
  await waitUntil('it is done', () => !/parts done/.test(shown(message)))
  expect(shown(message)).toMatch(/FAIL route-default, surely/)
})

test('T07 checks that no set of the person covers are named with the set that would; sets are never put together', async () => {
  const { people, shows, cluster } = await open(healthy)
  await people.command('U0BOB', 'triage node001')
  const message = await shows(/Nothing found by \d+ checks/)
  expect(shown(message)).toMatch(/ip-forward[^;]*: the set triage would give it/)
  expect(cluster.launched).toHaveLength(1)
  expect(cluster.launched[0]?.spec.capabilities).toEqual([])
  expect(cluster.launched[0]?.spec.host).toEqual({ filesystem: 'none', pid: false })
})

test('who may not name a target learns nothing of it', async () => {
  const { people, shows, cluster } = await open(noRoute)
  await people.command('U0CAROL', 'triage node001')
  await shows(/You have no access to node\/node001/)
  await people.command('U0CAROL', 'triage node999')
  await shows(/You have no access to node\/node999/)
  expect(cluster.launched).toEqual([])
})

/** A node as the API server has it. */
const node = (name: string, ready: string, address: string) => ({
  kind: 'Node',
  metadata: { name },
  status: {
    addresses: [{ type: 'InternalIP', address }],
    conditions: [
      { type: 'Ready', status: ready, reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
    ],
  },
})

test('where nothing can be run, the API server’s objects answer alone and at once, read as the person', async () => {
  const { people, shows, cluster } = await open({})
  cluster.apiObjects.set('nodes', [node('node001', 'Unknown', '10.0.0.11'), node('node002', 'True', '10.0.0.12')])
  cluster.launch = (run) => {
    const end = {
      reason: 'start-timeout' as const,
      at: new Date().toISOString(),
      message: 'its pod did not start: kubelet does not answer',
      complete: true,
    }
    return {
      started: new Promise(() => undefined),
      output: (async function* () {})(),
      ended: Promise.resolve(end),
      remove: async () => void cluster.live.delete(run.id),
      leave: () => undefined,
    }
  }
  await people.command('U0ALICE', 'triage node001 node-health node-network')
  const message = await shows(/node001: The node says of itself: Ready, NodeStatusUnknown, Kubelet stopped posting/)
  await waitUntil('it is done', () => /kubelet does not answer/.test(shown(message)))
  expect(cluster.readers).toContain('alice@example.com nodes')
})

test('T07 objects of the API server are read only with the right to their kind', async () => {
  const { people, shows, cluster } = await open(healthy)
  cluster.apiObjects.set('nodes', [node('node001', 'Unknown', '10.0.0.11')])
  await people.command('U0BOB', 'triage node001 node-health')
  const message = await shows(/node-health on node\/node001/)
  await waitUntil('it says what would give it', () =>
    /node-conditions[^;]*: the set triage would give it/.test(shown(message)),
  )
  expect(shown(message)).not.toContain('Kubelet stopped posting')
  expect(cluster.readers.filter((reader) => reader.startsWith('bob'))).toEqual([])
})

test('a check that repeats for a fact runs for each of its values; one whose fact is not known is not looked at', async () => {
  const { people, shows, cluster } = await open(healthy)
  cluster.apiObjects.set('nodes', [node('node001', 'True', '10.0.0.11'), node('node002', 'True', '10.0.0.12')])
  await people.command('U0ALICE', 'triage node001')
  await shows(/Nothing found by \d+ checks/)
  expect(cluster.launched[0]?.spec.pipeline).toContainEqual(['ping', '-c', '2', '-W', '1', '10.0.0.12'])
})

/** Opens six nodes of which one has another mode of rp_filter. */
async function openFront() {
  const more = Array.from({ length: 6 }, (_none, at) => ({
    ...{ uid: `uid-web${at}`, name: `web${at}`, ready: true, status: 'Ready', os: 'linux', version: 'v1.36.0' },
    labels: { tier: 'front' },
  }))
  const tools: Tools = {
    ...healthy,
    sysctl: (argv, { node: name }) =>
      argv.flatMap((setting) =>
        setting.startsWith('net.ipv4.conf') ? [{ out: `${setting} = ${name === 'web3' ? '1' : '0'}\n` }] : [],
      ),
  }
  return open(tools, {}, more)
}

test('many targets are one summary, with a table: who differs from the majority is named', async () => {
  const { people, shows, cluster, slack } = await openFront()
  await people.command('U0ALICE', 'triage -l tier=front node-network')
  const message = await shows(/1 of 6 \(web3\): the mode of rp_filter: 1, unlike the others \(0\)/)
  expect(shown(message)).toContain('node-network on nodes with tier=front')
  await waitUntil('the table is attached', () => slack.state.files.some(({ name }) => name.endsWith('.png')))
  // At most one container for each node and set.
  expect(cluster.launched).toHaveLength(6)
  expect(shown(message)).toContain('6 targets, 1 check that is not good everywhere')
  expect(shown(message)).toContain('target | rp-filter-mode\nweb3 | WARN\nweb0 | ok')
})

test('a workspace that takes no tables gets the summary without one', async () => {
  const { people, shows, slack } = await openFront()
  let refused = 0
  slack.misbehave((_method, { blocks = '' }) => {
    if (!blocks.includes('"data_table"')) return undefined
    refused += 1
    return { error: 'invalid_blocks' }
  })
  await people.command('U0ALICE', 'triage -l tier=front node-network')
  const message = await shows(/1 of 6 \(web3\): the mode of rp_filter/)
  await waitUntil('it is done', () => slack.state.files.some(({ name }) => name.endsWith('.png')))
  expect(shown(message)).toMatch(/WARN rp-filter-mode/)
  expect(shown(message)).not.toContain('web3 | WARN')
  // Asked once; from then on, messages have none.
  expect(refused).toBe(1)
})

test('a triage of a pod also looks at its node, where the person may', async () => {
  const { people, shows, cluster } = await open(healthy)
  await people.command('U0ALICE', 'triage -n shop pod/web-1')
  await shows(/Nothing found by \d+ checks on -n shop pod\/web-1/)
  expect(cluster.launched.map(({ spec }) => spec.target.kind).sort()).toEqual(['node', 'pod'])
})

/** A Service with an endpoint, as the API server has them. */
const web = (targetPort: number) => [
  { kind: 'Service', metadata: { name: 'web' }, spec: { clusterIP: '10.96.1.1', ports: [{ port: 80, targetPort }] } },
  {
    ...{ kind: 'EndpointSlice', ports: [{ port: targetPort }] },
    endpoints: [{ addresses: ['10.244.1.7'], conditions: { ready: true } }],
  },
]

test('--to looks at what a pod has to reach: a Service, its address and each of its endpoints', async () => {
  const refused = "curl: (7) Failed to connect to 10.244.1.7 port 9999 after 0 ms: Couldn't connect to server\n"
  const tools: Tools = {
    ...healthy,
    curl: (argv) =>
      argv.some((word) => word.startsWith('http://10.'))
        ? [{ err: refused }, { end: { reason: 'failed', exitCode: 7 } }]
        : [{ out: 'HTTP/1.1 200 OK\n\nok' }],
    nc: () => [
      { err: 'nc: connect to web port 80 (tcp) failed: Connection refused\n' },
      { end: { reason: 'failed', exitCode: 1 } },
    ],
  }
  const allowed = policy.replace(
    '[ping, dig, ip, ss, nstat, conntrack',
    '[ping, dig, nc, curl, ip, ss, nstat, conntrack',
  )
  const { people, shows, cluster } = await open(tools, { policy: allowed })
  cluster.services.set('shop/web', { selector: {} })
  cluster.apiObjects.set('endpoints', web(9999))
  await people.command('U0ALICE', 'triage -n shop pod/web-1 --to web:80')
  const message = await shows(/web-1: The endpoint 10\.244\.1\.7:9999 does not answer/)
  expect(shown(message)).toContain('explains service-address, reach-to')
  const inPod = cluster.launched.find(({ spec }) => spec.target.kind === 'pod')
  expect(inPod?.spec.pipeline).toContainEqual(['nc', '-z', '-v', '-w', '2', 'web', '80'])
})

test('triage --again in the thread of a triage repeats it, and says what changed', async () => {
  let hasRoute = false
  const tools: Tools = {
    ...healthy,
    ip: (argv, spec) => (hasRoute ? (healthy['ip']?.(argv, spec) ?? []) : (noRoute['ip']?.(argv, spec) ?? [])),
  }
  const { people, shows } = await open(tools)
  await people.command('U0ALICE', 'triage node001 node-network')
  const first = await shows(/No route leads out of the node/)
  await waitUntil('it is done', () => !/parts done/.test(shown(first)))
  hasRoute = true
  await people.event(people.mentionBody('U0ALICE', 'triage --again', { thread_ts: first.ts }))
  await shows(/No more since the triage before: route-default/)
})

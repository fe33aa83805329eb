import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { useCluster } from '#test/environment/cluster'
import { useRedis } from '#test/environment/redis'
import type { Made, TestCluster } from '#test/environment/test-cluster'
import { shown } from '#test/fakes/slack/shown'
import { type App, openApp } from '#test/flow/app'
import { waitFor, waitUntil } from '#test/flow/wait-for'

let shared: App
// Declared before `useRedis`, whose hook would otherwise stop Redis first: hooks run in the order of declaration.
afterAll(() => shared.end())
const redis = useRedis()
const cluster = useCluster()
let namespace = ''
let silentNode = ''

const image = 'localhost/retina-chatops/shell:dev'
const sleeps = ['sleep', '3600']

/** Returns a container; `always`: of an init container, that it goes on beside the others. */
const container = (name: string, command: readonly string[], more: object = {}) => ({ name, image, command, ...more })
const app = container('app', sleeps)
const always = { restartPolicy: 'Always' }

/** Specifications of pods in trouble, by name. */
const troubled: Record<string, object> = {
  'init-waits': { initContainers: [container('migrate', sleeps)], containers: [app] },
  'init-crashes': { initContainers: [container('migrate', ['cat', '/nosuch'])], containers: [app] },
  'init-failed': {
    ...{ initContainers: [container('migrate', ['cat', '/nosuch'])], containers: [app] },
    restartPolicy: 'Never',
  },
  'no-image': { containers: [{ ...app, image: 'localhost/retina-chatops/nosuch:v1' }] },
  crashes: { containers: [container('app', ['cat', '/nosuch'])] },
  sidecar: { initContainers: [container('mesh', sleeps, always)], containers: [app] },
  'sidecar-waits': {
    initContainers: [container('mesh', sleeps, always), container('migrate', sleeps)],
    containers: [app],
  },
  completed: { containers: [container('app', ['true'])], restartPolicy: 'Never' },
  'no-node': { containers: [app], nodeSelector: { pool: 'nosuch' }, nodeName: undefined },
  'no-sandbox': {
    containers: [{ ...app, volumeMounts: [{ name: 'key', mountPath: '/key' }] }],
    volumes: [{ name: 'key', secret: { secretName: 'nosuch' } }],
  },
}

function podOf(name: string, spec: object): Made {
  const common = { nodeName: 'node001', terminationGracePeriodSeconds: 0, automountServiceAccountToken: false }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { ...common, ...spec } }
  return pod as Made
}

/** Creates the Node object of a node that is cordoned and whose kubelet doesn't report. Resolves with its name. */
async function createSilentNode({ kubectl, create, namespace: own }: TestCluster): Promise<string> {
  const name = `silent-${own}`
  await create([{ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { unschedulable: true } } as Made])
  const times = { lastHeartbeatTime: new Date(), lastTransitionTime: new Date() }
  const message = 'Kubelet stopped posting node status.'
  const ready = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message, ...times }
  const patch = JSON.stringify({ status: { conditions: [ready] } })
  await kubectl(['patch', 'node', name, '--subresource=status', '--type=merge', '-p', patch])
  return name
}

const policy = `
capabilitySets: { probe: { tools: [ping, ps] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

beforeAll(async () => {
  namespace = `${cluster().namespace}-trouble`
  const settings = { ...cluster().settings, policy }
  const open = openApp({ redis: redis.url(), ...settings, keep: true })
  const namespaceObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
  await cluster().create([namespaceObject, ...Object.entries(troubled).map(([name, spec]) => podOf(name, spec))])
  ;[shared, silentNode] = await Promise.all([open, createSilentNode(cluster())])
})

/** Types a command as Alice and resolves with the newest message that matches. */
async function ask(text: string, pattern: RegExp): Promise<string> {
  shared.slack.state.messages.length = 0
  await shared.people.command('U0ALICE', text)
  return shown(await shared.shows(pattern))
}

/** Returns the state of each object in a table, by name: of kubectl (third column of pods, second of nodes) or the bot. */
function statesOf(table: string, names: readonly string[], column: number): Record<string, string | undefined> {
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/))
  return Object.fromEntries(names.map((name) => [name, rows.find(([first]) => first === name)?.[column]]))
}

const listPods = () => ask(`pods -n ${namespace}`, /Pods of/)

/** Resolves with the table of kubectl. */
const get = (what: string) => cluster().kubectl(['get', what, '-n', namespace, '--no-headers'])

/** Waits until kubectl lists a pod with one of these words. */
async function waitForState(name: string, word: RegExp): Promise<void> {
  const isReached = async () => word.test(statesOf(await get('pods'), [name], 2)[name] ?? '')
  await waitUntil(`${name} is ${word}`, isReached)
}

test('the lists show the words of kubectl', async () => {
  const names = Object.keys(troubled)
  const expected = {
    'init-waits': 'Init:0/1',
    'init-crashes': expect.stringMatching(/^Init:(Error|CrashLoopBackOff|0\/1)$/),
    'init-failed': 'Init:Error',
    'no-image': expect.stringMatching(/^(ErrImagePull|ImagePullBackOff)$/),
    crashes: expect.stringMatching(/^(Error|CrashLoopBackOff|Running)$/),
    sidecar: 'Running',
    'sidecar-waits': 'Init:1/2',
    completed: 'Completed',
    'no-node': 'Pending',
    'no-sandbox': 'ContainerCreating',
  }
  await waitForState('init-failed', /^Init:Error$/)
  await waitForState('completed', /^Completed$/)
  await waitForState('no-sandbox', /^ContainerCreating$/)
  // These two run again and again for a moment.
  await waitForState('init-crashes', /^Init:(Error|CrashLoopBackOff)$/)
  await waitForState('crashes', /^(Error|CrashLoopBackOff)$/)
  // States change between two questions, so both are asked until they agree.
  const states = await waitFor('bot and kubectl show the same states of pods', async () => {
    const ours = statesOf(await listPods(), names, 1)
    const theirs = statesOf(await get('pods'), names, 2)
    return JSON.stringify(ours) === JSON.stringify(theirs) ? ours : undefined
  })
  expect(states).toEqual(expected)
  const nodes = ['node001', silentNode]
  const ours = statesOf(await ask('nodes', /Nodes of/), nodes, 1)
  expect(ours).toEqual(statesOf(await get('nodes'), nodes, 1))
  expect(ours).toEqual({ node001: 'Ready', [silentNode]: 'NotReady,SchedulingDisabled' })
})

test.each([
  ['init-waits', /^Init:0\/1$/],
  ['init-crashes', /^Init:(Error|CrashLoopBackOff)$/],
  ['no-image', /^(ErrImagePull|ImagePullBackOff)$/],
  ['crashes', /^(Error|CrashLoopBackOff)$/],
  ['sidecar', /^Running$/],
  ['sidecar-waits', /^Init:1\/2$/],
])('%s: a tool runs in the pod', async (name, state) => {
  await waitForState(name, state)
  const text = await ask(`shell -n ${namespace} pod/${name} ping -c 1 127.0.0.1`, /(after|Not started).*pod\//)
  expect(text).toContain(`Done, exit code 0`)
  expect(text).toContain('1 packets transmitted, 1 received')
})

test.each([
  ['sidecar', 'mesh'],
  ['sidecar-waits', 'mesh'],
  ['init-waits', 'migrate'],
])('%s: the processes of its init container %s are shown', async (name, inside) => {
  await waitForState(name, /^(Running|Init:)/)
  const text = await ask(`shell -n ${namespace} pod/${name} -c ${inside} ps -e -o args`, /(after|could not).*/)
  expect(text).toMatch(/Done, exit code 0[\s\S]*sleep 3600/)
})

const onItsNode = 'To look from its node: shell node001 ping -c 1 127.0.0.1.'

test.each([
  ['completed', /^Completed$/, 'The pod completed has ended (Completed), so nothing can be started in it.', onItsNode],
  [
    'init-failed',
    /^Init:Error$/,
    'has ended (Init:Error): its init container migrate ended with exit code 1, so nothing can be started in it.',
    onItsNode,
  ],
  ['no-node', /^Pending$/, 'The pod no-node is on no node yet (Pending: 0/', 'shows its state.'],
  [
    'no-sandbox',
    /^ContainerCreating$/,
    'The pod no-sandbox has no sandbox on node001 yet (ContainerCreating), so nothing can be started in it',
    onItsNode,
  ],
])('%s: the answer says why nothing can be started in it, and what to type', async (name, state, why, wayOut) => {
  await waitForState(name, state)
  const text = await ask(`shell -n ${namespace} pod/${name} ping -c 1 127.0.0.1`, /I could not do that/)
  expect(text).toContain(why)
  expect(text).toContain(wayOut)
})

test('the processes of a container that crashes can’t be looked into: the answer says how it ended', async () => {
  await waitForState('crashes', /^(Error|CrashLoopBackOff)$/)
  const text = await ask(`shell -n ${namespace} pod/crashes -c app ps -e`, /I could not do that/)
  expect(text).toContain("its container app isn't running (")
  expect(text).toMatch(/\((CrashLoopBackOff|Error); it ended with exit code 1\)/)
  expect(text).toContain('Leave out -c app, then it starts beside its containers')
})

test('a pod that completes, whose init container fails, or whose container restarts meanwhile isn’t called deleted or killed', async () => {
  const short = ['sleep', '12']
  await cluster().create([
    podOf('job', { containers: [container('app', short)], restartPolicy: 'Never' }),
    podOf('restarts', { containers: [container('app', short)] }),
    podOf('migrates', {
      initContainers: [container('migrate', ['timeout', '12', ...sleeps])],
      containers: [app],
      restartPolicy: 'Never',
    }),
  ])
  for (const name of ['job', 'restarts', 'migrates']) await waitForState(name, /^(Running|Init:0\/1)$/)
  shared.slack.state.messages.length = 0
  for (const place of ['pod/job', 'pod/restarts -c app', 'pod/migrates'])
    await shared.people.command('U0ALICE', `shell -n ${namespace} ${place} ping -c 50 127.0.0.1`)
  const endOf = async (name: string) => shown(await shared.shows(new RegExp(`^\\S* ?Target gone.*pod/${name}`)))
  expect(await endOf('job')).toContain('Its pod has ended (Completed), and the tool with it.')
  expect(await endOf('restarts')).toMatch(
    /Its container app (ended|was restarted) \(Completed\), and the tool with it\./,
  )
  expect(await endOf('migrates')).toContain(
    'Its pod has ended (its init container migrate failed: exit code 124), and the tool with it.',
  )
})

test('a cordoned node is listed as such, and a tool runs on it', async () => {
  const { kubectl } = cluster()
  await kubectl(['cordon', 'node002'])
  try {
    expect(statesOf(await ask('nodes', /Nodes of/), ['node002'], 1)).toEqual({ node002: 'Ready,SchedulingDisabled' })
    await ask('shell node002 ping -c 1 127.0.0.1', /Done, exit code 0.*node\/node002/)
  } finally {
    await kubectl(['uncordon', 'node002'])
  }
})

test('a run on a node that isn’t ready says so, and not that it lasted', async () => {
  const text = await ask(`shell --timeout 4s ${silentNode} ping -c 1 127.0.0.1`, /Not started|could not/)
  expect(text).toMatch(/Not started: ping -c 1 127\.0\.0\.1 on node\/silent-/)
  expect(text).toContain(`${silentNode} is not ready (Kubelet stopped posting node status.)`)
})

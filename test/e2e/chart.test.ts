import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { helm } from '#dev/chart/helm'
import { type Registry, startRegistry } from '#dev/dev-cluster/registry'
import { machineAddress } from '#dev/dev-cluster/versions'
import { goTool } from '#dev/go-tools/go-tools'
import { buildProgramImage } from '#dev/images/program-image'
import { buildRedisImage } from '#dev/images/redis-image'
import { buildShellImage } from '#shell-image/build'
import { cli } from '#test/cli/run-cli'
import { ownAdmissionPolicy } from '#test/environment/admission'
import { useBrowser } from '#test/environment/browser'
import { useCluster } from '#test/environment/cluster'
import { startNetworkAgent } from '#test/environment/network-agent'
import { fromOutside, fromProgram, type Probe, probePod } from '#test/environment/probe-pods'
import { makeTestAuthority, type TestAuthority } from '#test/environment/test-authority'
import { slackPeople } from '#test/fakes/slack/send'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { shown } from '#test/fakes/slack/shown'
import { botToken, signingSecret } from '#test/fakes/slack/state'
import { sealKey } from '#test/flow/settings'
import { linkFor, openShellPage, waitForText } from '#test/flow/terminal-app'
import { waitFor, waitUntil } from '#test/flow/wait-for'

// The chart as operators install it: images from a registry, a Redis of its own, and a Slack outside the cluster.

const cluster = useCluster()
const browser = useBrowser()
const chart = join(import.meta.dirname, '../../deploy/helm/retina-chatops')
let folder = ''
let slack: FakeSlack
let authority: TestAuthority
let front: Server
/** Port of node001 that leads to the terminals, once the chart is installed. */
let terminalPort: number | undefined
const file = (name: string) => join(folder, name)
/** Address of node001, at which ports of Services are reached. */
const nodeAddress = '10.10.0.11'
/** Namespaces of bot and workers, and of debug pods; the release has the name of the file's own namespace. */
const release = () => cluster().namespace
const system = () => `${release()}-system`
const debug = () => `${release()}-debug`
/** Namespace of neither. */
const other = () => `${release()}-other`

afterAll(async () => {
  await slack?.close()
  front?.close()
  authority?.remove()
  rmSync(folder, { recursive: true, force: true })
})

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retina-chart-'))
  slack = await startFakeSlack(undefined, machineAddress)
  authority = await makeTestAuthority([machineAddress])
  front = await startFront()
  await goTool('helm')
  const registry = await startRegistry()
  await writeFiles(await pushImages(registry))
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await cluster().create([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: system(), labels } }])
  const secret = (name: string, values: Record<string, string>) =>
    cluster().kubectl([
      ...['-n', system(), 'create', 'secret', 'generic', name],
      ...Object.entries(values).map(([key, value]) => `--from-literal=${key}=${value}`),
    ])
  const both = { RETINA_SEAL_KEY: sealKey, SLACK_BOT_TOKEN: botToken }
  await Promise.all([
    secret('retina-chatops-bot', { ...both, SLACK_SIGNING_SECRET: signingSecret }),
    secret('retina-chatops-worker', both),
    secret('retina-chatops-terminal', both),
    cluster().kubectl(['-n', system(), 'create', 'configmap', 'own-ca', `--from-file=ca.crt=${authority.caFile}`]),
    secret('retina-chatops-redis', { REDIS_PASSWORD: '0123456789abcdef' }),
  ])
}, 1_200_000)

/** Starts a proxy in front of the terminals' Service. It ends TLS, without which browsers open no shell. */
async function startFront(): Promise<Server> {
  const { key, cert } = authority
  const server = createServer({ key, cert }, (socket) => {
    const upstream = connect(terminalPort ?? 0, nodeAddress)
    upstream.on('close', () => socket.destroy())
    upstream.on('error', (error) => {
      // The doctor sees a closed connection only, not why.
      if (upstream.bytesRead === 0) process.stderr.write(`proxy in front of the terminals: ${error.message}\n`)
    })
    socket.on('error', () => socket.destroy()).on('close', () => upstream.destroy())
    socket.pipe(upstream).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, machineAddress, resolve))
  return server
}

/** Resolves with the port of node001 that leads to the Service of a component, once kube-proxy has written its rule. */
async function nodePort(component: 'bot' | 'terminal'): Promise<number> {
  const output = '--output=jsonpath={.spec.ports[0].nodePort}'
  const port = Number(await cluster().kubectl(['-n', system(), 'get', 'service', `${release()}-${component}`, output]))
  await waitUntil(`the port of the ${component} is open`, () => fromOutside(nodeAddress, port))
  return port
}

type Pushed = { repository: string; digest: string }

/** Builds and pushes the images of the program, the shell and Redis; resolves with their names. */
async function pushImages(registry: Registry): Promise<Record<'program' | 'shell' | 'redis', Pushed>> {
  const push = async (name: string, archive: string) => {
    const repository = `${release()}/${name}`
    return { repository: `${registry.address}/${repository}`, digest: await registry.push(archive, repository, 'test') }
  }
  const [program, shell, redis] = await Promise.all([buildProgramImage(), buildShellImage(), buildRedisImage()])
  return {
    program: await push('program', program.layout),
    shell: await push('shell', shell.tar),
    redis: await push('redis', redis.archive),
  }
}

/** Writes what an operator has: retina.yaml, values.yaml, and the admission policy that is made of the first. */
async function writeFiles({ program, shell, redis }: Awaited<ReturnType<typeof pushImages>>): Promise<void> {
  const retina = {
    clusters: [{ name: 'dev', inCluster: true, admissionPolicy: 'required', impersonate: 'required' }],
    shell: {
      image: { repo: shell.repository, version: 'test', digest: shell.digest },
      // The doctor asks the registry, which has no encryption.
      registry: { insecure: [shell.repository.split('/')[0]] },
      ...{ pin: 'digest', namespace: debug(), keep: 'off', keepInPods: 'off' },
    },
    capabilitySets: {
      probe: { tools: ['dig', 'ping'], deny: ['169.254.169.254'] },
      'plain-shell': { terminal: 'shell', deny: 'unenforced' },
    },
    grants: [{ to: ['alice@example.com'], sets: ['probe', 'plain-shell'], on: [{ nodes: '*' }] }],
    terminal: { url: `https://${machineAddress}:${(front.address() as AddressInfo).port}` },
    slack: { mode: 'http', apiUrl: slack.apiUrl },
  }
  writeFileSync(file('retina.yaml'), stringify(retina))
  const values = {
    image: program,
    redis: { embedded: true, image: redis, program: 'redis-server', storage: { size: '' } },
    bot: { replicas: 1 },
    worker: { replicas: 1, terminationGracePeriodSeconds: 30 },
    terminal: { replicas: 1, serviceType: 'NodePort' },
    extraCa: { configMap: 'own-ca' },
    service: { type: 'NodePort' },
    networkPolicy: {
      webhooksFrom: [{ ipBlock: { cidr: '10.10.0.0/24' } }],
      extraEgress: [{ to: [{ ipBlock: { cidr: `${machineAddress}/32` } }] }],
    },
  }
  writeFileSync(file('values.yaml'), stringify(values))
  const accounts = ['bot', 'worker', 'terminal'].map((name) => `--account=system:serviceaccount:${system()}:${name}`)
  const made = await cli(['admission-policy', '--helm', '--impersonate', '--config', file('retina.yaml'), ...accounts])
  if (made.code !== 0) throw new Error(made.stderr)
  writeFileSync(file('admission-policy.yaml'), ownAdmissionPolicy(made.stdout, cluster()))
}

const helmHere = (...args: readonly string[]) =>
  helm([...args, '--namespace', system(), '--kubeconfig', cluster().kubeconfig])

type Listed = { items: { kind: string; metadata: { name: string; annotations?: Record<string, string> } }[] }

/** Resolves with the names of all objects of the release, of every kind and in every namespace. */
async function objectsOfRelease(): Promise<string[]> {
  const { kubectl } = cluster()
  const kinds = (await kubectl(['api-resources', '--verbs=list', '--output=name'])).trim().split('\n')
  const list = async (selector: string) => {
    const args = ['get', kinds.filter((kind) => !kind.startsWith('events')).join(','), '--all-namespaces']
    return (JSON.parse(await kubectl([...args, '--selector', selector, '--output=json'])) as Listed).items
  }
  const [labelled, helms] = await Promise.all([
    list(`app.kubernetes.io/instance=${release()}`),
    list('app.kubernetes.io/managed-by=Helm'),
  ])
  const own = helms.filter(({ metadata }) => metadata.annotations?.['meta.helm.sh/release-name'] === release())
  return [...new Set([...labelled, ...own].map(({ kind, metadata }) => `${kind}/${metadata.name}`))].toSorted()
}

/** People of the stand-in Slack, whose commands reach the bot from outside the cluster. */
async function people(): Promise<ReturnType<typeof slackPeople>> {
  const port = await nodePort('bot')
  return slackPeople(slack, () => `http://${nodeAddress}:${port}/slack/events`)
}

/** Resolves with the text of the first message that matches. */
function answer(pattern: RegExp): Promise<string> {
  const texts = () => slack.state.messages.map(shown)
  const find = () => texts().find((text) => pattern.test(text))
  return waitFor(`a message has ${pattern}`, find, { instead: () => texts().join('\n') })
}

test('helm install: a signed command from outside is answered from a debug pod, soon', async () => {
  const files = [
    '--set-file',
    `config=${file('retina.yaml')}`,
    '--set-file',
    `admissionPolicy.file=${file('admission-policy.yaml')}`,
  ]
  const begin = performance.now()
  await helmHere('install', release(), chart, '--values', file('values.yaml'), ...files, '--wait', '--timeout', '240s')
  terminalPort = await nodePort('terminal')
  const slackUsers = await people()
  const sent = await slackUsers.command('U0ALICE', 'shell node001 dig kubernetes.default.svc.cluster.local')
  expect(sent.status).toBe(200)
  const text = await answer(/Done, exit code 0/)
  expect(text).toMatch(/kubernetes\.default\.svc\.cluster\.local\.\s+\d+\s+IN\s+A\s+10\.96\.0\.1/)
  // Once the images are there, a minute is the goal; this machine may be busy.
  expect((performance.now() - begin) / 1_000).toBeLessThan(240)
  process.stderr.write(`installed and answered after ${Math.round((performance.now() - begin) / 100) / 10} s\n`)
  // Somebody else's signature is refused at the same address.
  const forged = await slackUsers.form(slackUsers.commandFields('U0ALICE', 'shell node001 dig x'), {
    secret: 'another',
  })
  expect(forged.status).toBe(401)
}, 900_000)

test('helm test: the doctor finds everything in order', async () => {
  const output = await helmHere('test', release(), '--logs', '--timeout', '120s')
  expect(output.match(/Phase:\s+Succeeded/g)).toHaveLength(3)
  expect(output).toMatch(/ok +configuration/)
  expect(output).not.toContain('FAILED')
})

test('a shell through the installed terminal: a private link, a browser, bash on a node, and its end', async () => {
  const before = slack.state.messages.length
  await (await people()).command('U0ALICE', 'shell node002')
  const link = await linkFor({ slack }, 'U0ALICE', before)
  // The browser doesn't know the test's authority; the doctor does.
  const page = await browser().newPage({ ignoreHTTPSErrors: true })
  await openShellPage(page, link)
  await page.keyboard.type('echo "on $HOSTNAME"\n')
  await waitForText(page, 'on node002')
  await page.reload()
  await page.getByText('Connected', { exact: true }).waitFor()
  await page.keyboard.type('exit 3\n')
  await page.getByText('The shell ended with exit code 3.').waitFor()
  await answer(/Shell on node\/node002 ended with exit code 3/)
  await page.close()
})

type Place = { ip: string; node: string }

/** Resolves with where the pod of a component runs. */
async function placeOf(component: string): Promise<Place> {
  const labelSelector = `app.kubernetes.io/component=${component}`
  const { items } = await cluster().core.listNamespacedPod({ namespace: system(), labelSelector })
  return { ip: items[0]?.status?.podIP ?? '', node: items[0]?.spec?.nodeName ?? '' }
}

/** Makes the probes of network policies: what has to be closed with them and open without, and what has to be open with them. */
async function networkProbes() {
  const [bot, worker, redis] = [await placeOf('bot'), await placeOf('worker'), await placeOf('redis')]
  const far = ({ node }: Place) => cluster().nodes.find((each) => each !== node) ?? ''
  const probes = new Map<string, Probe>()
  for (const namespace of [other(), system(), debug()]) {
    for (const node of cluster().nodes) {
      probes.set(`${namespace} ${node}`, await probePod(cluster(), namespace, node))
    }
  }
  const from = (namespace: string, target: Place): Probe =>
    probes.get(`${namespace} ${far(target)}`) ?? (() => Promise.reject(new Error('no such probe')))
  const program = (component: string) => fromProgram(cluster(), system(), `deployment/${release()}-${component}`)
  const kubelet = { ip: '10.10.0.12', node: 'node002' }
  return {
    closed: {
      'another namespace to Redis': () => from(other(), redis)(redis.ip, 6379),
      'another pod of this namespace to Redis': () => from(system(), redis)(redis.ip, 6379),
      'a pod that is no ingress to webhooks': () => from(other(), bot)(bot.ip, 8080),
      'from outside the cluster to health': () => fromOutside(worker.ip, 8082),
      'another pod of this namespace to the world': () => from(system(), kubelet)(machineAddress, 5000),
      'the bot to a kubelet': () => program('bot')(kubelet.ip, 10250),
      'a pod in the namespace of debug pods to the world': () => from(debug(), kubelet)(machineAddress, 5000),
    },
    open: {
      'the ingress to webhooks': () => fromOutside(bot.ip, 8080),
      'monitoring to the bot': () => from(other(), bot)(bot.ip, 8082),
      'monitoring to the worker': () => from(other(), worker)(worker.ip, 8082),
      'the bot to Redis': () => program('bot')(redis.ip, 6379),
      'the worker to Redis': () => program('worker')(redis.ip, 6379),
      'the worker to the API server': () => program('worker')('10.96.0.1', 443),
    },
  }
}

/** Resolves with the results of probes: name → whether the connection opened. */
async function results(probes: Record<string, () => Promise<boolean>>): Promise<Record<string, boolean>> {
  const entries = Object.entries(probes).map(async ([name, probe]) => [name, await probe()] as const)
  return Object.fromEntries(await Promise.all(entries))
}

/** Waits until all probes have this result. */
async function waitForResults(probes: Record<string, () => Promise<boolean>>, isOpen: boolean): Promise<void> {
  let newest: Record<string, boolean> = {}
  const holds = async () => {
    newest = await results(probes)
    return Object.values(newest).every((each) => each === isOpen)
  }
  await waitUntil(`all are ${isOpen ? 'open' : 'closed'}`, holds, { instead: () => JSON.stringify(newest, null, 2) })
}

test('network policies close what they should where they are enforced, and only that', async () => {
  const { kubectl, create } = cluster()
  await create([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: other() } }])
  // The admission policy refuses all pods and execs but those of runs in the namespace of debug pods.
  await kubectl(['delete', 'validatingadmissionpolicybinding', release(), `${release()}-exec`])
  const ordinary = ['-n', debug(), 'create', '--dry-run=server', '-f', '-']
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x' },
    spec: { containers: [{ name: 'x', image: 'x' }] },
  }
  const isAllowed = () =>
    kubectl(ordinary, JSON.stringify(pod)).then(
      () => true,
      () => false,
    )
  await waitUntil('ordinary pods are allowed there', isAllowed)
  const { closed, open } = await networkProbes()
  await waitForResults(closed, true)
  const stopAgent = await startNetworkAgent(cluster())
  try {
    await waitForResults(closed, false)
    await waitForResults(open, true)
    slack.state.messages.length = 0
    await (await people()).command('U0ALICE', 'shell node002 ping -c 1 127.0.0.1')
    await answer(/Done, exit code 0.*ping/)
    for (const namespace of [system(), debug()]) await kubectl(['-n', namespace, 'delete', 'networkpolicy', '--all'])
    await waitForResults(closed, true)
  } finally {
    await stopAgent()
  }
})

test('helm uninstall leaves nothing', async () => {
  const before = await objectsOfRelease()
  expect(before.length).toBeGreaterThan(35)
  await helmHere('uninstall', release(), '--wait', '--timeout', '120s')
  let left: string[] = []
  const isGone = async () => {
    left = await objectsOfRelease()
    return left.length === 0
  }
  await waitUntil('everything is gone', isGone, { instead: () => left.join('\n') })
  const namespaces = await cluster().core.listNamespace()
  await waitUntil('the namespace of debug pods is gone', async () =>
    namespaces.items.every(({ metadata }) => metadata?.name !== debug()),
  )
})

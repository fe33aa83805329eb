import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
import { useCluster } from '#test/environment/cluster'
import { slackPeople } from '#test/fakes/slack/send'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { shown } from '#test/fakes/slack/shown'
import { botToken, signingSecret } from '#test/fakes/slack/state'
import { sealKey } from '#test/flow/settings'
import { waitFor, waitUntil } from '#test/flow/wait-for'

// The chart as operators install it: images from a registry, a Redis of its own, and a Slack outside the cluster.

const cluster = useCluster()
const chart = join(import.meta.dirname, '../../deploy/helm/retina-chatops')
let folder = ''
let slack: FakeSlack
const file = (name: string) => join(folder, name)
/** Namespaces of bot and workers, and of debug pods; the release has the name of the file's own namespace. */
const release = () => cluster().namespace
const system = () => `${release()}-system`
const debug = () => `${release()}-debug`

afterAll(async () => {
  await slack?.close()
  rmSync(folder, { recursive: true, force: true })
})

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retina-chart-'))
  slack = await startFakeSlack(undefined, machineAddress)
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
    secret('retina-chatops-redis', { REDIS_PASSWORD: '0123456789abcdef' }),
  ])
}, 1_200_000)

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
      ...{ pin: 'digest', namespace: debug(), keep: 'off', keepInPods: 'off' },
    },
    capabilitySets: { probe: { tools: ['dig', 'ping'], deny: ['169.254.169.254'] } },
    grants: [{ to: ['alice@example.com'], sets: ['probe'], on: [{ nodes: '*' }] }],
    slack: { mode: 'http', apiUrl: slack.apiUrl },
  }
  writeFileSync(file('retina.yaml'), stringify(retina))
  const values = {
    image: program,
    redis: { embedded: true, image: redis, program: 'redis-server', storage: { size: '' } },
    bot: { replicas: 1 },
    worker: { replicas: 1, terminationGracePeriodSeconds: 30 },
    service: { type: 'NodePort' },
    networkPolicy: { extraEgress: [{ to: [{ ipBlock: { cidr: `${machineAddress}/32` } }] }] },
  }
  writeFileSync(file('values.yaml'), stringify(values))
  const accounts = ['bot', 'worker'].map((name) => `--account=system:serviceaccount:${system()}:${name}`)
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

test('helm install: a signed command from outside is answered from a debug pod, soon', async () => {
  const files = [
    '--set-file',
    `config=${file('retina.yaml')}`,
    '--set-file',
    `admissionPolicy.file=${file('admission-policy.yaml')}`,
  ]
  const begin = performance.now()
  await helmHere('install', release(), chart, '--values', file('values.yaml'), ...files, '--wait', '--timeout', '240s')
  const port = await cluster().kubectl([
    ...['-n', system(), 'get', 'service', `${release()}-bot`, '--output=jsonpath={.spec.ports[0].nodePort}'],
  ])
  const people = slackPeople(slack, () => `http://10.10.0.11:${port}/slack/events`)
  const sent = await people.command('U0ALICE', 'shell node001 dig kubernetes.default.svc.cluster.local')
  expect(sent).toEqual({ status: 200, body: JSON.stringify({ response_type: 'in_channel' }) })
  const done = () => slack.state.messages.map(shown).find((text) => /Done, exit code 0/.test(text))
  const all = () => slack.state.messages.map(shown).join('\n')
  const text = await waitFor('the command is answered', done, 60, all)
  expect(text).toMatch(/kubernetes\.default\.svc\.cluster\.local\.\s+\d+\s+IN\s+A\s+10\.96\.0\.1/)
  // Once the images are there, a minute is the goal; this machine may be busy.
  expect((performance.now() - begin) / 1_000).toBeLessThan(240)
  process.stderr.write(`installed and answered after ${Math.round((performance.now() - begin) / 100) / 10} s\n`)
  // Somebody else's signature is refused at the same address.
  const forged = await people.form(people.commandFields('U0ALICE', 'shell node001 dig x'), { secret: 'another' })
  expect(forged.status).toBe(401)
}, 360_000)

test('helm test: the doctor finds everything in order', async () => {
  const output = await helmHere('test', release(), '--logs', '--timeout', '120s')
  expect(output).toMatch(/Phase:\s+Succeeded/)
  expect(output).toMatch(/ok +configuration/)
  expect(output).not.toContain('FAILED')
}, 180_000)

test('helm uninstall leaves nothing', async () => {
  const before = await objectsOfRelease()
  expect(before.length).toBeGreaterThan(35)
  await helmHere('uninstall', release(), '--wait', '--timeout', '120s')
  let left: string[] = []
  const isGone = async () => {
    left = await objectsOfRelease()
    return left.length === 0
  }
  await waitUntil('everything is gone', isGone, 90, () => left.join('\n'))
  const namespaces = await cluster().core.listNamespace()
  await waitUntil(
    'the namespace of debug pods is gone',
    async () => namespaces.items.every(({ metadata }) => metadata?.name !== debug()),
    60,
  )
}, 300_000)

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import type { V1Pod } from '@kubernetes/client-node'
import { parseAllDocuments, stringify } from 'yaml'
import { shellConfig } from '#shell-image/build'
import { apiProblem } from '#src/kubernetes/api/api-error'
import { type Connection, connect } from '#src/kubernetes/api/connection'
import { debugPod } from '#src/kubernetes/workload/pod-spec'
import { cli } from '#test/cli/run-cli'
import { waitUntil } from '#test/flow/wait-for'
import { sampleRequest, sampleRun } from '#test/samples/run'
import { accountKubeconfig } from './account.ts'
import { apiClient } from './api-request.ts'
import { hardenedNamespace, type Made, type TestCluster } from './test-cluster.ts'

const manifest = (name: string) => join(import.meta.dirname, '../../deploy/kubernetes', name)
const image = shellConfig.ref

/** Policy from which the cluster's admission policy is generated. */
export const wallsPolicy = `
capabilitySets:
  probe: { tools: [ping, dig] }
  netfilter: { tools: [iptables], capabilities: [NET_ADMIN, NET_RAW] }
  host-read: { tools: [cat, ls], host: { filesystem: read-only } }
groups: { leads: [alice@example.com] }
grants: [{ to: [alice@example.com], sets: [probe, netfilter, host-read], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

export type Walls = {
  /** Namespace of the accounts of bot and worker. */
  system: string
  /** Namespace whose pods may be debugged; `web-1` is one of them. */
  target: string
  /** Kubeconfigs of the accounts of bot, worker and terminal. */
  bot: string
  worker: string
  terminal: string
  /** Connection to the cluster with the worker's token. */
  connection: Connection
  /** Dry run of a pod with the worker's account: resolves with the API server's error message, empty if it accepts the pod. */
  refusal: (pod: V1Pod) => Promise<string>
  /** Runs kubectl with the worker's account: resolves with its error message, empty if it succeeded. */
  asWorker: (args: readonly string[]) => Promise<string>
}

/** The owner's policy that the cluster is fenced for, and the PodSecurity level of the namespace whose pods may be debugged. */
export type WallsOptions = {
  policy?: string
  level?: string
  /** More of the shell's settings, and what a pod has to have to be accepted with them. */
  shell?: string
  pod?: Change
}

/** A cluster with everything that an operator applies, for the tests of one file and under names of that file's own. */
export function useWalls(
  cluster: () => TestCluster,
  { policy = wallsPolicy, level = 'restricted', shell = '', pod = {} }: WallsOptions = {},
): () => Walls {
  let walls: Walls | undefined
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'retina-walls-'))
    const [target] = await Promise.all([
      hardenedNamespace(cluster(), 'walls', level),
      raiseWalls(cluster(), folder, policy, shell),
    ])
    await cluster().create(
      ['pods.example.yaml', 'terminal-pods.example.yaml']
        .flatMap((name) => manifestObjects(name, cluster()))
        .map((object) => ({
          ...object,
          metadata: { ...object.metadata, namespace: target },
        })),
    )
    walls = await openWalls(cluster(), target, folder)
    const { refusal } = walls
    // An admission policy is in force some seconds after it was made, and a quota when it was counted.
    const inForce = async () =>
      /the runner/.test(await refusal(podWith(cluster(), { ...pod, container: { command: ['id'] } })))
    await waitUntil('the policy of pods is in force', inForce)
    await waitUntil('the policy of containers in pods is in force', () =>
      refusesContainers(target, walls?.worker ?? ''),
    )
    await waitUntil('the policy of commands is in force', () => refusesCommands(cluster(), walls?.worker ?? ''))
    await waitUntil('the quota is known', async () => (await refusal(podWith(cluster(), pod))) === '')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return () => {
    if (walls === undefined) throw new Error('the admission policy is not in force yet')
    return walls
  }
}

/** Returns whether the admission policy, and nothing before it, refuses a container in a pod that isn't the program's. */
async function refusesContainers(target: string, kubeconfig: string): Promise<boolean> {
  const securityContext = {
    ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 65_532 },
    ...{ capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
  }
  const { message } = await apiClient(kubeconfig)({
    ...{ method: 'PATCH', path: `/api/v1/namespaces/${target}/pods/web-1/ephemeralcontainers?dryRun=All` },
    body: { spec: { ephemeralContainers: [{ name: 'other', image: 'example.com/other:1', securityContext }] } },
    type: 'application/strategic-merge-patch+json',
  })
  return message.includes('retina-chatops: ')
}

/** Returns whether the admission policy refuses a command in a debug pod; the API server asks it before it looks for the pod. */
async function refusesCommands({ namespace }: TestCluster, kubeconfig: string): Promise<boolean> {
  const path = `/api/v1/namespaces/${namespace}/pods/retina-none/exec?container=shell&command=id&stdout=true`
  const { message } = await apiClient(kubeconfig)({ method: 'POST', path })
  return message.includes('retina-chatops: ')
}

async function openWalls(cluster: TestCluster, target: string, folder: string): Promise<Walls> {
  const system = systemOf(cluster)
  const kubeconfigOf = (name: string) => accountKubeconfig(cluster, { namespace: system, name }, folder)
  const [bot, worker, terminal] = await Promise.all([
    kubeconfigOf('bot'),
    kubeconfigOf('worker'),
    kubeconfigOf('terminal'),
  ])
  const connection = connect({ kubeconfig: worker })
  const { namespace } = cluster
  return {
    ...{ system, target, bot, worker, terminal, connection },
    async refusal(pod) {
      const target = { namespace: pod.metadata?.namespace ?? namespace }
      return connection.core.createNamespacedPod({ ...target, body: pod, dryRun: 'All' }).then(
        () => '',
        (error: unknown) => apiProblem(error)?.message ?? String(error),
      )
    },
    async asWorker(args) {
      try {
        await cluster.kubectl([`--kubeconfig=${worker}`, ...args])
        return ''
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
  }
}

function systemOf({ namespace }: TestCluster): string {
  return `${namespace}-system`
}

/** Makes namespaces, rights, and the policy made from the file. */
async function raiseWalls(cluster: TestCluster, folder: string, policy: string, more: string): Promise<void> {
  const file = join(folder, 'retina.yaml')
  const [repo, version] = image.split(':')
  const shell = `{ image: { repo: ${repo}, version: ${version} }, namespace: ${cluster.namespace}, ${more} }`
  writeFileSync(file, `clusters: [{ name: dev }]\nshell: ${shell}\n${policy}`)
  const accounts = ['bot', 'worker', 'terminal'].map(
    (name) => `--account=system:serviceaccount:${systemOf(cluster)}:${name}`,
  )
  const [made] = await Promise.all([
    cli(['admission-policy', '--config', file, '--impersonate', ...accounts]),
    cluster.create([
      ...['namespaces.yaml', 'rights.yaml'].flatMap((name) => manifestObjects(name, cluster)),
      ...manifestObjects('terminal.yaml', cluster).filter(({ kind = '' }) => /Account$|Role/.test(kind)),
    ]),
  ])
  if (made.code !== 0) throw new Error(made.stderr)
  await cluster.create(objectsOf(made.stdout, cluster))
}

function manifestObjects(name: string, cluster: TestCluster): Made[] {
  return objectsOf(readFileSync(manifest(name), 'utf8'), cluster)
}

/**
 * Returns the objects of a YAML text with names that are unique to the test file: other files apply the same manifests to the same cluster.
 */
function objectsOf(text: string, { namespace }: TestCluster): Made[] {
  const renamed = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(/^retina-chatops(?=$|-[a-z-]+$)/, namespace)
    if (Array.isArray(value)) return value.map(renamed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renamed(each)]))
  }
  return parseAllDocuments(text).map((document) => withinOwn(renamed(document.toJS()) as Made, namespace))
}

/** Returns the text that `admission-policy` printed, for one test file: its objects have names of their own and hold for its namespaces only. */
export function ownAdmissionPolicy(text: string, cluster: TestCluster): string {
  const comments = text.split('\n').filter((line) => line.startsWith('#'))
  return `${comments.join('\n')}\n${objectsOf(text, cluster)
    .map((object) => stringify(object))
    .join('---\n')}`
}

type AdmissionPolicy = Made & { spec: { matchConditions: { name: string; expression: string }[] } }

/** Restricts an admission policy, which otherwise applies to the whole cluster, to the namespaces of one test file. */
function withinOwn(object: Made, namespace: string): Made {
  if (object.kind !== 'ValidatingAdmissionPolicy') return object
  const { spec } = object as AdmissionPolicy
  // Requests of the cluster itself have no namespace, but come from the file's own accounts.
  const isWithin = `request.?namespace.orValue('').startsWith('${namespace}')`
  const isOwn = `request.userInfo.username.startsWith('system:serviceaccount:${namespace}-')`
  const own = { name: 'of-this-file', expression: `${isWithin} || ${isOwn}` }
  return { ...object, spec: { ...spec, matchConditions: [...spec.matchConditions, own] } } as Made
}

/** Returns the command of a container: the runner, with `flags`, which runs `id` once. */
export function runnerWords(deadline: string, flags: readonly string[] = []): string[] {
  return [
    ...['/usr/local/bin/retina-run', '--run', 'wallswalls22', '--deadline', deadline, '--max-bytes', '1000', ...flags],
    ...['--words', '1', '--', 'id'],
  ]
}

/** Changes to the debug pod of a run. */
export type Change = { container?: object; context?: object; pod?: object; metadata?: object; mount?: object }

/** A user id of the range that containers get theirs of. */
const userId = 2_000_000_000

/** The debug pod of a plain run, changed; `mount` mounts the node's disk that way. */
export function podWith({ namespace }: TestCluster, change: Change): V1Pod {
  const id = 'wallswalls22'
  const { spec } = sampleRun({ request: sampleRequest({ id }) })
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': id }
  const pod: V1Pod = debugPod(
    id,
    { ...spec, namespace, image, labels, node: 'node001' },
    { pullPolicy: 'IfNotPresent', userId },
  )
  const [own] = pod.spec?.containers ?? []
  const { mount, context } = change
  const disk = mount === undefined ? {} : { volumes: [{ name: 'host', hostPath: { path: '/' } }] }
  const container = {
    ...own,
    ...change.container,
    securityContext: { ...own?.securityContext, ...context },
    ...(mount === undefined ? {} : { volumeMounts: [{ name: 'host', mountPath: '/host', ...mount }] }),
  }
  return {
    ...pod,
    metadata: { ...pod.metadata, ...change.metadata },
    spec: { ...pod.spec, ...disk, ...change.pod, containers: [container] },
  } as V1Pod
}

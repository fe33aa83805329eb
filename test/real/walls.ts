import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import type { V1Pod } from '@kubernetes/client-node'
import type { DevCluster } from '#deploy/dev-cluster/cluster'
import { ensureFolder } from '#deploy/dev-cluster/state'
import { debugPod } from '#src/kubernetes/pod'
import { cli } from '#test/cli'
import { until } from '#test/flow/until'
import { hardenedNamespace } from '#test/real/cluster'
import { sampleRequest, sampleRun } from '#test/samples/run'

const manifest = (name: string) => join(import.meta.dirname, '../../deploy/kubernetes', name)
const image = 'localhost/retina-chatops/shell:dev'

/** Namespace of the accounts of bot and worker. */
export const system = 'retina-chatops-system'

/** What the cluster is fenced for; `walls` is a namespace whose pods may be debugged, `web` a pod in it. */
export const wallsPolicy = `
capabilitySets:
  probe: { tools: [ping, dig] }
  netfilter: { tools: [iptables], capabilities: [NET_ADMIN, NET_RAW] }
  host-read: { tools: [cat, ls], host: { filesystem: read-only } }
groups: { leads: [alice@example.com] }
grants: [{ to: [alice@example.com], sets: [probe, netfilter, host-read], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

export type Walls = {
  /** Kubeconfigs of the accounts. */
  bot: string
  worker: string
  /** What the API server says to the worker's own account: empty where it would take it. Nothing is made. */
  refusal: (object: object) => Promise<string>
  asWorker: (args: readonly string[], input?: string) => Promise<string>
}

/** A cluster with everything that an operator applies, for the tests of one file. */
export function useWalls(cluster: () => DevCluster): () => Walls {
  let lower: () => Promise<void> = async () => undefined
  let walls: Walls | undefined
  const get = () => {
    if (walls === undefined) throw new Error('the walls do not stand')
    return walls
  }
  beforeAll(async () => {
    lower = await raiseWalls(cluster())
    await cluster().kubectl(['apply', '-f', '-'], hardenedNamespace('walls', 'web'))
    await cluster().kubectl(['-n', 'walls', 'apply', '-f', manifest('pods.example.yaml')])
    await cluster().kubectl(['-n', 'walls', 'wait', '--for=condition=Ready', 'pod/web', '--timeout=60s'])
    const worker = await accountKubeconfig(cluster(), 'worker')
    const asWorker = async (args: readonly string[], input?: string) => {
      try {
        await cluster().kubectl([`--kubeconfig=${worker}`, ...args], input)
        return ''
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    }
    const refusal = (object: object) => asWorker(['create', '--dry-run=server', '-f', '-'], JSON.stringify(object))
    walls = { bot: await accountKubeconfig(cluster(), 'bot'), worker, asWorker, refusal }
    // An admission policy is in force some seconds after it was applied.
    const inForce = async () => /the runner/.test(await refusal(podWith({ container: { command: ['id'] } })))
    await until('the policy is in force', inForce, 60)
  }, 180_000)
  afterAll(async () => {
    await lower()
    await cluster().kubectl(['delete', '--ignore-not-found', '--wait=false', 'namespace', 'walls'])
  }, 60_000)
  return get
}

/** A kubeconfig of a service account, by a token that the cluster gives out for an hour. */
async function accountKubeconfig(cluster: DevCluster, name: string): Promise<string> {
  const token = await cluster.kubectl(['-n', system, 'create', 'token', name, '--duration=1h'])
  const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: unknown[]; contexts: unknown[] }
  const user = { name, user: { token: token.trim() } }
  const context = { name: 'dev', context: { cluster: 'dev', user: name } }
  const path = join(ensureFolder('kubeconfigs'), `account-${name}.json`)
  writeFileSync(path, JSON.stringify({ ...config, users: [user], contexts: [context] }), { mode: 0o600 })
  return path
}

/** Applies namespaces, rights, and the policy made from the file. Answers the way to take it all back. */
async function raiseWalls(cluster: DevCluster): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-walls-'))
  const file = join(folder, 'retina.yaml')
  const [repo, version] = image.split(':')
  const head = `clusters: [{ name: dev }]\nshell: { image: { repo: ${repo}, version: ${version} } }`
  writeFileSync(file, `${head}\n${wallsPolicy}`)
  await cluster.kubectl(['apply', '-f', manifest('namespaces.yaml'), '-f', manifest('rights.yaml')])
  const made = await cli(['admission-policy', '--config', file, '--impersonate'])
  rmSync(folder, { recursive: true, force: true })
  if (made.code !== 0) throw new Error(made.stderr)
  await cluster.kubectl(['apply', '-f', '-'], made.stdout)
  return async () => {
    await cluster.kubectl(['delete', '--ignore-not-found', '-f', '-'], made.stdout)
    await cluster.kubectl(['delete', '--ignore-not-found', '-f', manifest('rights.yaml')])
    // The namespace of debug pods belongs to the dev cluster and to the other tests.
    await cluster.kubectl([
      '-n',
      'retina-chatops',
      'delete',
      '--ignore-not-found',
      'networkpolicy,resourcequota',
      '--all',
    ])
    await cluster.kubectl(['delete', '--ignore-not-found', '--wait=false', 'namespace', system])
  }
}

/** What a container is begun with: one run of `id`, with the runner's own flags before its words. */
export function runnerWords(deadline: string, flags: readonly string[] = []): string[] {
  return [
    ...['/usr/local/bin/retina-run', '--run', 'wallswalls22', '--deadline', deadline, '--max-bytes', '1000', ...flags],
    ...['--words', '1', '--', 'id'],
  ]
}

/** What of a pod is another than a run's. */
export type Change = { container?: object; context?: object; pod?: object; metadata?: object; mount?: object }

/** The debug pod of a plain run, changed; `mount` mounts the node's disk that way. */
export function podWith(change: Change): object {
  const id = 'wallswalls22'
  const { spec } = sampleRun({ request: sampleRequest({ id }) })
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': id }
  const pod: V1Pod = debugPod(id, { ...spec, image, labels, node: 'node001' }, 'IfNotPresent')
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
  }
}

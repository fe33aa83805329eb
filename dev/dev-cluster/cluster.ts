import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { errorMessage } from '#core/util/error-message'
import { installPackages } from '#dev/machine/debian'
import { manifestDigest } from '#dev/machine/oci'
import { type Progress, showProgress } from '#dev/machine/progress'
import { run } from '#dev/machine/run'
import { addons } from './addons.ts'
import { type Builds, buildAll, buildSteps } from './build.ts'
import { removeControlGroups } from './cgroups.ts'
import { adminKubeconfig, auditLog, startControlPlane, writeCredentials } from './control-plane.ts'
import { buildClusterImages, loadImage as loadTar } from './images.ts'
import { missingRequirements } from './missing.ts'
import { makeNetwork, removeNetwork, startResolver } from './network.ts'
import { nodeExec, nodeInit, nodeNames, startNode } from './node.ts'
import { forgetProcesses, logTail, runningPid, stopProcess } from './processes.ts'
import { ensureFolder, stateFolder } from './state.ts'
import { machinePackages, type NodeName, nodes, startSeconds } from './versions.ts'

export type DevCluster = {
  /** Path of a kubeconfig with all rights; its context is `dev`. */
  kubeconfig: string
  context: 'dev'
  nodes: readonly NodeName[]
  /** Path of the API server's audit log: one JSON object per line. */
  auditLog: string
  /** First arguments of a command line that runs kubectl with all rights. */
  kubectlArgv: readonly [string, ...string[]]
  /** Runs kubectl, with `input` as its standard input, and resolves with its standard output. */
  kubectl: (args: readonly string[], input?: string) => Promise<string>
  /** Kills the API server with SIGKILL, so that requests in progress break. */
  stopApiServer: () => Promise<void>
  /** Starts the API server; resolves when it answers again. */
  startApiServer: () => Promise<void>
  /** Loads an image from a tar file into all nodes. `digest`: of its manifest; read from the file if it isn't given. */
  loadImage: (tar: string, digest?: string) => Promise<void>
}

const controlPlane = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'resolver']
const allParts = () => [...controlPlane, ...nodeNames()]
const startTimeout = `--timeout=${startSeconds}s`
const steps = ['packages', ...buildSteps, 'images', 'network', 'control plane', 'nodes', 'DNS']

/**
 * Builds and starts what is missing; resolves when both nodes are ready and DNS answers. An error names the parts of the cluster that have
 * ended, with their last lines.
 */
export async function up(progress: Progress = showProgress(steps, 'dev cluster')): Promise<DevCluster> {
  const builds = await buildMissing(progress)
  await removeBrokenCluster()
  progress.step('images')
  const images = await buildClusterImages(builds)
  try {
    const cluster = await start(builds, images, progress)
    progress.done()
    return cluster
  } catch (cause) {
    const ended = allParts().filter((name) => runningPid(name) === undefined)
    const logs = ended.map((name) => `${name} has ended; its last lines:\n${logTail(name)}`)
    throw new Error([errorMessage(cause), ...logs].join('\n'), { cause })
  }
}

async function start(builds: Builds, images: readonly string[], progress: Progress): Promise<DevCluster> {
  const cluster = clusterOf(builds)
  progress.step('network')
  await makeNetwork()
  await writeCredentials()
  startResolver(join(builds.coredns, 'coredns'))
  progress.step('control plane')
  const ready = startControlPlane(join(builds.kubernetes, 'kubernetes'))
  // Its error is thrown where it is awaited; without this line it would end the process while the nodes start.
  ready.catch(ignore)
  progress.step('nodes')
  await Promise.all(nodeNames().map((name) => startNode(name, builds)))
  await Promise.all(nodeNames().map(waitUntilRuntimeReady))
  // A test run that was killed may have left these services stopped.
  await Promise.all(nodeNames().map((name) => nodeExec(name, ['systemctl', 'start', 'containerd', 'kubelet'])))
  for (const tar of images) await cluster.loadImage(tar)
  await ready
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: addons }))
  await cluster.kubectl(['wait', '--for=create', 'node/node001', 'node/node002', startTimeout])
  // By name: a Node object that a test created without a machine behind it never becomes ready.
  await cluster.kubectl(['wait', '--for=condition=Ready', 'node/node001', 'node/node002', startTimeout])
  for (const { name, podRange } of nodes) {
    const patch = { spec: { podCIDR: podRange, podCIDRs: [podRange] } }
    await cluster.kubectl(['patch', 'node', name, '--type=merge', '-p', JSON.stringify(patch)])
  }
  progress.step('DNS')
  await cluster.kubectl(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', startTimeout])
  return cluster
}

/** Returns the running cluster without starting anything. Throws if it isn't running. */
export async function attach(): Promise<DevCluster> {
  if (!isUp()) throw new Error('the dev cluster is not running: npm run cluster -- up')
  return clusterOf(await buildAll(ignore, ignore))
}

const ignore = () => undefined

/** Builds what is missing, and starts nothing. */
export async function build(): Promise<void> {
  const progress = showProgress(['packages', ...buildSteps], 'dev cluster build')
  await buildMissing(progress)
  progress.done()
}

async function buildMissing(progress: Progress): Promise<Builds> {
  const missing = missingRequirements()
  if (missing.length > 0) throw new Error(missing.join('\n'))
  progress.step('packages')
  await installPackages(machinePackages, progress.detail)
  return buildAll(progress.step, progress.detail)
}

/** Returns true if every process of the cluster is running. */
export function isUp(): boolean {
  return allRun(allParts())
}

function allRun(names: readonly string[]): boolean {
  return names.every((name) => runningPid(name) !== undefined)
}

/**
 * Stops and removes a cluster of which a node or etcd has died. The nodes get new disks, and an etcd that lists pods on the
 * old ones would prevent the kubelets from starting new pods.
 */
export async function removeBrokenCluster(): Promise<void> {
  if (allRun(['etcd', ...nodeNames()])) return
  await endProcesses()
  keepJournals()
  removeFolders('nodes', 'etcd', 'registry')
}

/**
 * Deletes the namespaces with this label, and with them everything in them or owned by them, if the cluster's nodes are running. First
 * starts parts that are stopped: a chaos run may have been killed while it had stopped them.
 */
export async function removeLabelledNamespaces(label: string): Promise<void> {
  if (!allRun(nodeNames())) return
  const cluster = await up({ step: ignore, detail: ignore, done: ignore })
  await cluster.kubectl(['delete', 'namespaces', '-l', label, '--ignore-not-found', '--wait=false'])
}

/**
 * Stops everything that `up` started and removes the nodes' disks, the bridge and the routes; builds, logs and the nodes' journals stay.
 */
export async function down(): Promise<void> {
  await endProcesses()
  await removeControlGroups(nodeNames())
  await removeNetwork()
  keepJournals()
  removeFolders('nodes', 'etcd', 'pki', 'kubeconfigs', 'registry')
}

/** Moves the journals of the nodes, with what their kubelet and containerd logged, from their disks to the logs. */
function keepJournals(): void {
  for (const name of nodeNames()) {
    const journal = stateFolder('nodes', name, 'var', 'log', 'journal')
    if (!existsSync(journal)) continue
    const kept = join(ensureFolder('logs'), `${name}-journal`)
    rmSync(kept, { recursive: true, force: true })
    renameSync(journal, kept)
  }
}

async function endProcesses(): Promise<void> {
  for (const name of nodeNames()) {
    const init = nodeInit(name)
    // When a node's init process ends, the kernel ends all other processes of the node.
    if (init !== undefined) process.kill(init, 'SIGKILL')
    await stopProcess(name)
  }
  for (const name of ['registry', ...controlPlane.toReversed()]) await stopProcess(name)
  forgetProcesses()
}

function removeFolders(...folders: readonly string[]): void {
  for (const folder of folders) rmSync(stateFolder(folder), { recursive: true, force: true })
}

function clusterOf(builds: Builds): DevCluster {
  const program = join(builds.kubernetes, 'kubernetes')
  const kubectl = ['kubectl', '--kubeconfig', adminKubeconfig()]
  return {
    kubeconfig: adminKubeconfig(),
    context: 'dev',
    nodes: nodeNames(),
    auditLog: auditLog(),
    kubectlArgv: [program, ...kubectl],
    kubectl: (args, input) => run(program, [...kubectl, ...args], input === undefined ? {} : { input }),
    stopApiServer: () => stopProcess('kube-apiserver', 'SIGKILL'),
    startApiServer: () => startControlPlane(program),
    async loadImage(tar, digest) {
      await loadTar(tar, digest ?? (await manifestDigest(tar)), nodeNames())
    },
  }
}

async function waitUntilRuntimeReady(name: NodeName): Promise<void> {
  const socket = join(stateFolder('nodes', name), 'run/containerd/containerd.sock')
  const until = Date.now() + startSeconds * 1_000
  for (;;) {
    const init = nodeInit(name)
    if (init !== undefined && existsSync(`/proc/${init}/root/run/containerd/containerd.sock`)) return
    if (Date.now() > until) throw new Error(`${name}: its container runtime did not start (${socket})`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

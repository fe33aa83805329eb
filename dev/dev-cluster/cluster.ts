import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages } from '#dev/machine/debian'
import { manifestDigest } from '#dev/machine/oci'
import { type Progress, showProgress } from '#dev/machine/progress'
import { run } from '#dev/machine/run'
import { addons } from './addons.ts'
import { type Builds, buildAll, buildSteps } from './build.ts'
import { removeControlGroups } from './cgroups.ts'
import { adminKubeconfig, auditLog, startControlPlane, writeCredentials } from './control-plane.ts'
import { loadImage as loadTar, ownImages } from './images.ts'
import { whatIsMissing } from './missing.ts'
import { makeNetwork, removeNetwork, startResolver } from './network.ts'
import { nodeExec, nodeInit, nodeNames, startNode } from './node.ts'
import { forgetProcesses, runningPid, stopProcess } from './processes.ts'
import { stateFolder } from './state.ts'
import { machinePackages, type NodeName } from './versions.ts'

export type DevCluster = {
  /** Path of a kubeconfig with all rights; its context is `dev`. */
  kubeconfig: string
  context: 'dev'
  nodes: readonly NodeName[]
  /** Path of the API server's audit log, a JSON object a line. */
  auditLog: string
  /** kubectl with all rights, as words to begin a command with. */
  kubectlWords: readonly [string, ...string[]]
  /** Runs kubectl and resolves with what it prints. */
  kubectl: (args: readonly string[], input?: string) => Promise<string>
  /** kill -9; what is under way there breaks. */
  stopApiServer: () => Promise<void>
  /** Resolves when it answers again. */
  startApiServer: () => Promise<void>
  /** Makes an image of a tar file known to all nodes. `digest` is its manifest's, where it is known already. */
  loadImage: (tar: string, digest?: string) => Promise<void>
}

const controlPlane = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'resolver']
const steps = ['packages', ...buildSteps, 'images', 'network', 'control plane', 'nodes', 'DNS']

/** Builds what isn't built and starts what isn't running; resolves when both nodes are ready and DNS answers. */
export async function up(progress: Progress = showProgress(steps, 'dev cluster')): Promise<DevCluster> {
  const builds = await whatIsBuilt(progress)
  await clearRemains()
  progress.step('images')
  const images = await ownImages(builds)
  const cluster = handle(builds)
  progress.step('network')
  await makeNetwork()
  await writeCredentials()
  startResolver(join(builds.coredns, 'coredns'))
  progress.step('control plane')
  const ready = startControlPlane(join(builds.kubernetes, 'kubernetes'))
  progress.step('nodes')
  await Promise.all(nodeNames().map((name) => startNode(name, builds)))
  await Promise.all(nodeNames().map(runtimeReady))
  // A test run that was killed may have left them stopped.
  await Promise.all(nodeNames().map((name) => nodeExec(name, ['systemctl', 'start', 'containerd', 'kubelet'])))
  for (const tar of images) await cluster.loadImage(tar)
  await ready
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: addons }))
  await cluster.kubectl(['wait', '--for=create', 'node/node001', 'node/node002', '--timeout=60s'])
  // By their names: a test's node that is an object alone never gets ready.
  await cluster.kubectl(['wait', '--for=condition=Ready', 'node/node001', 'node/node002', '--timeout=60s'])
  progress.step('DNS')
  await cluster.kubectl(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=90s'])
  progress.done()
  return cluster
}

/** The cluster as it runs; starts and looks for nothing else. Throws where it doesn't run. */
export async function attach(): Promise<DevCluster> {
  if (!isUp()) throw new Error('the dev cluster is not running: npm run cluster -- up')
  return handle(await buildAll(ignore, ignore))
}

const ignore = () => undefined

/** Builds what isn't built, and starts nothing. */
export async function build(): Promise<void> {
  const progress = showProgress(['packages', ...buildSteps], 'dev cluster build')
  await whatIsBuilt(progress)
  progress.done()
}

async function whatIsBuilt(progress: Progress): Promise<Builds> {
  const missing = whatIsMissing()
  if (missing.length > 0) throw new Error(missing.join('\n'))
  progress.step('packages')
  await installPackages(machinePackages, progress.detail)
  return buildAll(progress.step, progress.detail)
}

/** True when every part that was started still runs. */
export function isUp(): boolean {
  return allRun([...controlPlane, ...nodeNames()])
}

function allRun(names: readonly string[]): boolean {
  return names.every((name) => runningPid(name) !== undefined)
}

/**
 * Ends and removes what is left of a cluster whose nodes or store were cut off: the nodes' disks are made anew, and a
 * store that speaks of pods on the old ones keeps the kubelets from starting theirs.
 */
export async function clearRemains(): Promise<void> {
  if (allRun(['etcd', ...nodeNames()])) return
  await endProcesses()
  removeFolders('nodes', 'etcd')
}

/**
 * Removes the namespaces with this label, and with them what is in them or owned by them, from a cluster whose nodes run. Starts what of it was
 * stopped: a chaos run may have been killed over that.
 */
export async function removeLabelled(label: string): Promise<void> {
  if (!allRun(nodeNames())) return
  const cluster = await up({ step: ignore, detail: ignore, done: ignore })
  await cluster.kubectl(['delete', 'namespaces', '-l', label, '--ignore-not-found', '--wait=false'])
}

/** Ends all that `up` started and removes the nodes' disks, the bridge and the routes; builds and logs stay. */
export async function down(): Promise<void> {
  await endProcesses()
  await removeControlGroups(nodeNames())
  await removeNetwork()
  removeFolders('nodes', 'etcd', 'pki', 'kubeconfigs')
}

async function endProcesses(): Promise<void> {
  for (const name of nodeNames()) {
    const init = nodeInit(name)
    // The end of its first process is the end of everything in a node.
    if (init !== undefined) process.kill(init, 'SIGKILL')
    await stopProcess(name)
  }
  for (const name of controlPlane.toReversed()) await stopProcess(name)
  forgetProcesses()
}

function removeFolders(...folders: readonly string[]): void {
  for (const folder of folders) rmSync(stateFolder(folder), { recursive: true, force: true })
}

function handle(builds: Builds): DevCluster {
  const program = join(builds.kubernetes, 'kubernetes')
  const kubectl = ['kubectl', '--kubeconfig', adminKubeconfig()]
  return {
    kubeconfig: adminKubeconfig(),
    context: 'dev',
    nodes: nodeNames(),
    auditLog: auditLog(),
    kubectlWords: [program, ...kubectl],
    kubectl: (args, input) => run(program, [...kubectl, ...args], input === undefined ? {} : { input }),
    stopApiServer: () => stopProcess('kube-apiserver', 'SIGKILL'),
    startApiServer: () => startControlPlane(program),
    async loadImage(tar, digest) {
      await loadTar(tar, digest ?? (await manifestDigest(tar)), nodeNames())
    },
  }
}

async function runtimeReady(name: NodeName): Promise<void> {
  const socket = join(stateFolder('nodes', name), 'run/containerd/containerd.sock')
  const until = Date.now() + 60_000
  for (;;) {
    const init = nodeInit(name)
    if (init !== undefined && existsSync(`/proc/${init}/root/run/containerd/containerd.sock`)) return
    if (Date.now() > until) throw new Error(`${name}: its container runtime did not start (${socket})`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

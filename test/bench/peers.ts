import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { CoreV1Api, Exec, KubeConfig, Log, type V1Pod, Watch } from '@kubernetes/client-node'
import type { DevCluster } from '#dev/dev-cluster/cluster'
import { shellConfig } from '#shell-image/build'

/** Another way to run a tool. `once` runs it and resolves with the milliseconds to the first byte of its output. */
export type Peer = { what: string; once: () => Promise<number> }

export const image = shellConfig.ref
/** Runs for two seconds, as `kubectl debug --attach` loses output that comes before it is attached. */
export const tool = ['ping', '-c', '10', '-i', '0.2', '127.0.0.1']
/** Text that is in the tool's output but not in its command. */
export const outputMarker = 'bytes from 127.0.0.1'

/** The client library alone: create a pod, watch it, read its log. */
export function rawApi(cluster: DevCluster): { what: string; once: (argv?: readonly string[]) => Promise<number> } {
  const { config, core } = apiOf(cluster)
  let serial = 0
  return {
    what: 'raw API: create, watch, log',
    async once(argv = tool) {
      serial += 1
      const name = `raw-${process.pid}-${serial}`
      const begun = performance.now()
      await core.createNamespacedPod({ namespace: 'default', body: podOf(name, argv, { hostNetwork: true }) })
      await waitUntilPodStarted(config, name)
      const took = (await firstByte(config, name)) - begun
      await core.deleteNamespacedPod({ name, namespace: 'default', gracePeriodSeconds: 0 })
      return took
    },
  }
}

export function kubectlDebugNode(cluster: DevCluster): Peer {
  return {
    what: 'kubectl debug node/… --attach',
    async once() {
      const args = ['debug', 'node/node001', '--attach', '--profile=general', '--image-pull-policy=IfNotPresent']
      const { took, output } = await kubectl(cluster, [...args, `--image=${image}`, '--', ...tool])
      const [pod = ''] = /node-debugger-\S+/.exec(output) ?? []
      await cluster.kubectl(['delete', 'pod', pod, '--grace-period=0', '--force', '--wait=false'])
      return took
    },
  }
}

export function kubectlDebugPod(cluster: DevCluster, pod: () => string): Peer {
  return {
    what: 'kubectl debug: ephemeral container',
    async once() {
      const args = ['debug', pod(), '--attach', '--profile=general', '--image-pull-policy=IfNotPresent']
      return (await kubectl(cluster, [...args, `--image=${image}`, '--', ...tool])).took
    },
  }
}

export function kubectlExec(cluster: DevCluster, pod: () => string): Peer {
  return {
    what: 'kubectl exec',
    once: async () => (await kubectl(cluster, ['exec', pod(), '--', ...tool])).took,
  }
}

export function rawExec(cluster: DevCluster, pod: () => string): Peer {
  const { config } = apiOf(cluster)
  return {
    what: 'raw API: exec',
    async once() {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()]
      stderr.resume()
      const begun = performance.now()
      const socket = await new Exec(config).exec('default', pod(), 'shell', tool, stdout, stderr, null, false)
      await once(stdout, 'data')
      const took = performance.now() - begun
      stdout.resume()
      await once(socket, 'close')
      return took
    },
  }
}

/** Microsoft's `kubectl retina shell`, if `PEER_KUBECTL_RETINA` is the path of its binary. */
export function kubectlRetina(cluster: DevCluster): Peer[] {
  const command = kubectlRetinaCommand(cluster)
  if (command === undefined) return []
  const input = `${tool.join(' ')}\nexit\n`
  // It needs a terminal, which `script` provides.
  return [
    {
      what: 'kubectl retina shell',
      once: async () => (await timeToOutput(['script', '-qec', command, '/dev/null'], input)).took,
    },
  ]
}

/** Returns the command of a shell on node001 by `kubectl retina shell`, if `PEER_KUBECTL_RETINA` is the path of its binary. */
export function kubectlRetinaCommand({ kubeconfig }: DevCluster): string | undefined {
  const program = process.env['PEER_KUBECTL_RETINA']
  if (program === undefined) return undefined
  const [repo = '', version = ''] = image.split(/:(?=[^:]*$)/)
  const from = ['--retina-shell-image-repo', repo, '--retina-shell-image-version', version]
  return [program, 'shell', 'node001', '--kubeconfig', kubeconfig, ...from].join(' ')
}

/** Creates a pod that does nothing on node001, for benchmarks in pods; resolves when it runs. */
export async function createIdlePod(cluster: DevCluster, name: string): Promise<void> {
  const { config, core } = apiOf(cluster)
  await core.createNamespacedPod({ namespace: 'default', body: podOf(name, ['sleep', '3600'], {}) })
  await waitUntilPodStarted(config, name)
}

export async function removePod(cluster: DevCluster, name: string): Promise<void> {
  await apiOf(cluster).core.deleteNamespacedPod({ name, namespace: 'default', gracePeriodSeconds: 0 })
}

export function apiOf({ kubeconfig }: DevCluster) {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return { config, core: config.makeApiClient(CoreV1Api) }
}

export function podOf(name: string, command: readonly string[], more: { hostNetwork?: boolean }): V1Pod {
  const container = { name: 'shell', image, imagePullPolicy: 'IfNotPresent', command: [...command] }
  const rest = { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, automountServiceAccountToken: false }
  return { metadata: { name }, spec: { nodeName: 'node001', containers: [container], ...rest, ...more } }
}

/** Resolves when the pod runs or has ended. */
export async function waitUntilPodStarted(config: KubeConfig, name: string): Promise<void> {
  const query = { fieldSelector: `metadata.name=${name}` }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const watching = await new Watch(config).watch(
    '/api/v1/namespaces/default/pods',
    query,
    (_phase, pod: V1Pod) => {
      if (['Running', 'Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) resolve()
    },
    (error: unknown) => reject(error instanceof Error ? error : new Error('the watch ended')),
  )
  await promise
  watching.abort()
}

async function firstByte(config: KubeConfig, name: string): Promise<number> {
  const output = new PassThrough()
  await new Log(config).log('default', name, 'shell', output, { follow: true })
  await once(output, 'data')
  const at = performance.now()
  output.resume()
  await once(output, 'end')
  return at
}

function kubectl(cluster: DevCluster, args: readonly string[]): Promise<{ took: number; output: string }> {
  return timeToOutput([...cluster.kubectlArgv, ...args])
}

/** Runs a program to its end; resolves with its output and the milliseconds until it printed `outputMarker`. */
async function timeToOutput(argv: readonly string[], input?: string): Promise<{ took: number; output: string }> {
  const begun = performance.now()
  const child = spawn(argv[0] ?? '', argv.slice(1))
  child.stdin.end(input)
  let output = ''
  let took: number | undefined
  const onOutput = (text: string) => {
    output += text
    if (took === undefined && output.includes(outputMarker)) took = performance.now() - begun
  }
  child.stdout.setEncoding('utf8').on('data', onOutput)
  child.stderr.setEncoding('utf8').on('data', onOutput)
  await once(child, 'close')
  if (took === undefined) throw new Error(`${argv.join(' ')} did not print "${outputMarker}":\n${output}`)
  return { took, output }
}

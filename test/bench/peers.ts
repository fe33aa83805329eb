import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { CoreV1Api, Exec, KubeConfig, Log, type V1Pod, Watch } from '@kubernetes/client-node'
import type { DevCluster } from '#dev/dev-cluster/cluster'

/** Does the job once and answers the milliseconds until the first byte of the tool's output. */
export type Peer = { what: string; once: () => Promise<number> }

const image = 'localhost/retina-chatops/shell:dev'
/** Goes on for two seconds: `kubectl debug --attach` loses what comes before it is attached. */
export const tool = ['ping', '-c', '10', '-i', '0.2', '127.0.0.1']
/** Of its output, and not of the command. */
export const firstWord = 'bytes from 127.0.0.1'

/** What a program of one's own would do with the library alone: create, watch, log. */
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
      await untilRunning(config, name)
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
      const words = ['debug', 'node/node001', '--attach', '--profile=general', '--image-pull-policy=IfNotPresent']
      const { took, said } = await kubectl(cluster, [...words, `--image=${image}`, '--', ...tool])
      const [pod = ''] = /node-debugger-\S+/.exec(said) ?? []
      await cluster.kubectl(['delete', 'pod', pod, '--grace-period=0', '--force', '--wait=false'])
      return took
    },
  }
}

export function kubectlDebugPod(cluster: DevCluster, pod: () => string): Peer {
  return {
    what: 'kubectl debug: ephemeral container',
    async once() {
      const words = ['debug', pod(), '--attach', '--profile=general', '--image-pull-policy=IfNotPresent']
      return (await kubectl(cluster, [...words, `--image=${image}`, '--', ...tool])).took
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

/** Microsoft's own, where `PEER_KUBECTL_RETINA` names its binary. */
export function kubectlRetina(cluster: DevCluster): Peer[] {
  const program = process.env['PEER_KUBECTL_RETINA']
  if (program === undefined) return []
  const [repo = '', version = ''] = image.split(/:(?=[^:]*$)/)
  const from = ['--retina-shell-image-repo', repo, '--retina-shell-image-version', version]
  const words = [program, 'shell', 'node001', '--kubeconfig', cluster.kubeconfig, ...from].join(' ')
  const typed = `${tool.join(' ')}\nexit\n`
  // It wants a terminal.
  return [
    {
      what: 'kubectl retina shell',
      once: async () => (await spoken(['script', '-qec', words, '/dev/null'], typed)).took,
    },
  ]
}

/** A pod that stands idle on a node, for what is done in pods. */
export async function idlePod(cluster: DevCluster, name: string): Promise<void> {
  const { config, core } = apiOf(cluster)
  await core.createNamespacedPod({ namespace: 'default', body: podOf(name, ['sleep', '3600'], {}) })
  await untilRunning(config, name)
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

export async function untilRunning(config: KubeConfig, name: string): Promise<void> {
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

function kubectl(cluster: DevCluster, args: readonly string[]): Promise<{ took: number; said: string }> {
  return spoken([...cluster.kubectlWords, ...args])
}

/** Runs a program to its end; the time is that until it printed the tool's first word. */
async function spoken(words: readonly string[], typed?: string): Promise<{ took: number; said: string }> {
  const begun = performance.now()
  const child = spawn(words[0] ?? '', words.slice(1))
  child.stdin.end(typed)
  let said = ''
  let took: number | undefined
  const hear = (text: string) => {
    said += text
    if (took === undefined && said.includes(firstWord)) took = performance.now() - begun
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  await once(child, 'close')
  if (took === undefined) throw new Error(`${words.join(' ')} did not print "${firstWord}":\n${said}`)
  return { took, said }
}

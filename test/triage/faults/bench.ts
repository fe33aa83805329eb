import { type ChildProcess, spawn } from 'node:child_process'
import type { V1Node, V1Pod } from '@kubernetes/client-node'
import { nodeExec } from '#dev/dev-cluster/node'
import { run } from '#dev/machine/run'
import { shellConfig } from '#shell-image/build'
import { type Made, podReady, type TestCluster } from '#test/environment/test-cluster'
import { waitUntil } from '#test/flow/wait-for'

export type NodeName = 'node001' | 'node002'
/** Pods of the clients: one in the network of each node, and one in a network of its own on each. */
export const clients = ['host001', 'host002', 'pod001', 'pod002'] as const
export type Client = (typeof clients)[number]

/** Outcome of a command of a client. */
export type Tried = { ok: boolean; text: string }

/** What faults are made with. */
export type Bench = {
  cluster: TestCluster
  /** Runs a command on a node, outside of any pod; rejects where it fails. */
  node: (name: NodeName, ...argv: readonly string[]) => Promise<string>
  /** Runs a command on the machine, to which the nodes' gateway belongs; rejects where it fails. */
  machine: (program: string, ...args: readonly string[]) => Promise<string>
  /** Runs a command in a client's pod. */
  in: (client: Client, ...argv: readonly string[]) => Promise<Tried>
  /** Starts a script in a client's pod that goes on until the fault is undone, or for two minutes. */
  start: (client: Client, script: string) => void
  /** Opens a TCP connection from a node, without a pod, and returns whether that was possible. */
  connects: (name: NodeName, host: string, port: number) => Promise<boolean>
  /** Returns the address of a client's pod. */
  addressOf: (client: Client) => string
  /** Registers what undoes a change, before it is made. */
  undo: (how: () => Promise<unknown>) => void
  /**
   * Undoes all changes, the newest first, and waits until the nodes and the pods of kube-system are ready again. Rejects with the first
   * failure after it has tried all.
   */
  undoAll: () => Promise<void>
}

const image = shellConfig.ref

function clientPod(name: Client, namespace: string): Made {
  const container = { name: 'client', image, command: ['sleep', '7200'], securityContext: { runAsUser: 0 } }
  const spec = {
    ...{ nodeName: `node${name.slice(-3)}`, hostNetwork: name.startsWith('host'), containers: [container] },
    ...{ terminationGracePeriodSeconds: 0, automountServiceAccountToken: false },
  }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { app: name } }, spec } as Made
}

/** Creates the clients' pods, and resolves when they run. */
export async function openBench(cluster: TestCluster): Promise<Bench> {
  const { namespace } = cluster
  await cluster.create(clients.map((name) => clientPod(name, namespace)))
  const addresses = new Map<Client, string>()
  for (const name of clients) {
    await podReady(cluster, namespace, name)
    const { status } = await cluster.core.readNamespacedPod({ namespace, name })
    addresses.set(name, status?.podIP ?? '')
  }
  const undos: (() => Promise<unknown>)[] = []
  const execArgs = (client: Client, argv: readonly string[]) => ['-n', namespace, 'exec', client, '--', ...argv]
  return {
    cluster,
    node: (name, ...argv) => nodeExec(name, argv),
    machine: (program, ...args) => run(program, args),
    in: (client, ...argv) =>
      cluster.kubectl(execArgs(client, argv)).then(
        (text) => ({ ok: true, text }),
        (error: unknown) => ({ ok: false, text: String(error) }),
      ),
    start(client, script) {
      const [kubectl, ...args] = cluster.kubectlArgv
      const child = spawn(kubectl, [...args, ...execArgs(client, ['timeout', '120', 'bash', '-c', script])], {
        stdio: 'ignore',
      })
      undos.push(() => endChild(child))
      undos.push(() => cluster.kubectl(execArgs(client, ['pkill', '-f', 'timeout 120 bash'])).catch(() => undefined))
    },
    connects: (name, host, port) =>
      nodeExec(name, ['timeout', '3', 'bash', '-c', `exec 3<>/dev/tcp/${host}/${port}`]).then(
        () => true,
        () => false,
      ),
    addressOf: (client) => addresses.get(client) ?? '',
    undo: (how) => void undos.push(how),
    async undoAll() {
      const problems: unknown[] = []
      for (const how of undos.splice(0).toReversed()) await how().catch((error: unknown) => problems.push(error))
      if (problems.length > 0) throw problems[0]
      await waitUntil('nodes and pods of kube-system are ready', () => isReady(cluster), { seconds: 120 })
    },
  }
}

/** Returns true if the nodes and the pods of kube-system are ready. */
async function isReady({ core }: TestCluster): Promise<boolean> {
  const [nodes, pods] = await Promise.all([core.listNode(), core.listNamespacedPod({ namespace: 'kube-system' })])
  const hasReady = ({ status }: V1Node | V1Pod) =>
    status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true
  const areNodesReady = nodes.items.filter(({ metadata }) => /^node00[12]$/.test(metadata?.name ?? '')).every(hasReady)
  return areNodesReady && pods.items.every(hasReady)
}

async function endChild(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
}

/** A fault that is really made. */
export type Fault = {
  name: string
  /** What is typed after `triage`. */
  triage: (bench: Bench) => string
  /** What was changed, as it has to stand in the evidence of the first finding. */
  changed: RegExp
  /** What else was changed, which has to stand in the evidence of one of the first three. */
  also?: RegExp
  make: (bench: Bench) => Promise<void>
  /** Returns true while a client sees that something is wrong. */
  symptom: (bench: Bench) => Promise<boolean>
  /** What the client does, in a few words. */
  seen: string
  /** True where what the client uses is made together with the fault, so that it sees the same before. */
  fresh?: true
  /** Belongs to the few that run with all other tests. */
  short?: true
}

/** Starts a web server on port 8080 of a client's pod, and waits until it answers there. */
export async function serve(bench: Bench, client: Client): Promise<void> {
  const answer = 'HTTP/1.0 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n'
  bench.start(client, `exec socat TCP-LISTEN:8080,fork,reuseaddr SYSTEM:'printf "${answer}"'`)
  await untilOpen(bench, client, 8080)
}

/** Waits until something listens on a port of a client's own pod or node. */
export async function untilOpen(bench: Bench, client: Client, port: number): Promise<void> {
  const isOpen = async () => (await bench.in(client, 'nc', '-z', '127.0.0.1', String(port))).ok
  await waitUntil(`something listens on port ${port} of ${client}`, isOpen)
}

/** Waits until a node connects to a port: a fault that takes the connection away is nothing where there was none. */
export async function untilConnects(bench: Bench, node: NodeName, host: string, port: number): Promise<void> {
  await waitUntil(`${node} connects to ${host}:${port}`, () => bench.connects(node, host, port))
}

/** Registers that a setting of a node gets back its value, and changes it. */
export async function setting(bench: Bench, node: NodeName, name: string, value: string): Promise<void> {
  const before = (await bench.node(node, 'sysctl', '-n', name)).trim().replaceAll(/\s+/g, ' ')
  bench.undo(() => bench.node(node, 'sysctl', '-q', '-w', `${name}=${before}`))
  await bench.node(node, 'sysctl', '-q', '-w', `${name}=${value}`)
}

/** Adds a table of nft with one rule in one chain, which is removed later. */
export async function rule(bench: Bench, node: NodeName, hook: string, text: string): Promise<void> {
  bench.undo(() => bench.node(node, 'nft', 'delete', 'table', 'inet', 'site'))
  const lines = [`type filter hook ${hook} priority -150; policy accept;`, text]
  const table = `table inet site {\n chain ${hook} {\n${lines.join('\n')}\n }\n}\n`
  await nodeExec(node, ['nft', '-f', '-'], table)
}

/** Returns whether a ping of a client is answered. */
export async function pings(bench: Bench, client: Client, ...args: readonly string[]): Promise<boolean> {
  const { ok } = await bench.in(client, 'ping', '-c', '2', '-W', '1', ...args)
  return ok
}

/** Returns whether a client gets an answer of the cluster's DNS. */
export async function resolves(bench: Bench, client: Client, ...args: readonly string[]): Promise<boolean> {
  const name = 'kubernetes.default.svc.cluster.local'
  const { text } = await bench.in(client, 'dig', '+time=1', '+tries=2', name, '@10.96.0.10', ...args)
  return text.includes('status: NOERROR')
}

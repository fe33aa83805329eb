import { shellQuote } from '#core/util/quote'
import { nodes } from '#dev/dev-cluster/versions'
import { type Made, podReady, type TestCluster } from '#test/environment/test-cluster'
import type { Addresses } from './rows.ts'

const image = 'localhost/retina-chatops/shell:dev'
const answer = 'HTTP/1.0 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nok\\n'
const serve = (port: number, text: string) =>
  `ncat -lk ${port} -c ${shellQuote(`printf ${shellQuote(text)}; sleep 0.2`)} &`

/** Serves what examples of tools ask for. */
const serves = [
  'cd /tmp',
  'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=peer -days 100 -keyout key -out certificate 2>/dev/null',
  'openssl s_server -accept 443 -key key -cert certificate -www -quiet &',
  'iperf3 -s >/dev/null &',
  serve(22, 'SSH-2.0-peer\\r\\n'),
  serve(80, answer),
  serve(8080, answer),
  'sleep 3600',
]

/** Gives the target's network something to show: a rule, tracked connections, a set of addresses, a bridge. */
const prepares = [
  'iptables -A INPUT -p tcp --dport 443 -s 192.0.2.1 -j DROP',
  'iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
  'ipset create blocked hash:ip',
  'ip link add br0 type bridge && ip link add name port0 type veth peer name port1 && ip link set port0 master br0',
  'true',
]

/**
 * Keeps two connections to the API server open, which closes those that say nothing: one is there while the other is opened again. `--recv-only`
 * lets nc end as soon as the server closes; without, it would wait for the end of its input. Opens and closes connections to the peer as well.
 */
const connects = (peer: string) => [
  'hold() { while :; do nc --recv-only 10.96.0.1 443; sleep 0.1; done; }',
  `while :; do nc -z -w 1 ${peer} 22; sleep 0.5; done &`,
  'hold & sleep 4; hold & wait',
]

const container = (script: readonly string[], more: object = {}) => ({
  ...{ name: 'app', image, command: ['bash', '-c', script.join('\n')] },
  ...{ securityContext: { runAsUser: 0 }, ...more },
})

/** Creates a pod, and resolves with its address once it is ready. */
async function createPod(cluster: TestCluster, namespace: string, name: string, spec: object): Promise<string> {
  const common = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { ...common, ...spec } }
  await cluster.create([pod as Made])
  await podReady(cluster, namespace, name)
  return (await cluster.core.readNamespacedPod({ namespace, name })).status?.podIP ?? ''
}

/**
 * Creates a pod `target` on node001, whose network has something to show and which connects to others all the time, one on node002 that serves
 * what examples ask for, and one that sends packets to the targets all the time. Resolves with the addresses.
 */
export async function createPods(cluster: TestCluster): Promise<Addresses & { namespace: string }> {
  const namespace = `${cluster.namespace}-tools`
  await cluster.create([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }])
  const [own, other] = nodes
  if (own === undefined || other === undefined) throw new Error('the dev cluster has two nodes')
  const readinessProbe = { tcpSocket: { port: 443 }, periodSeconds: 1 }
  const peer = await createPod(cluster, namespace, 'peer', {
    nodeName: other.name,
    containers: [container(serves, { readinessProbe })],
  })
  const admin = { securityContext: { runAsUser: 0, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } } }
  const target = await createPod(cluster, namespace, 'target', {
    nodeName: own.name,
    initContainers: [{ ...container(prepares, admin), name: 'prepare' }],
    containers: [container(connects(peer))],
  })
  // An example captures 20 datagrams. Bash sends these itself: a machine that is busy with other tests takes seconds to start `nc` and `sleep`.
  const knocks = [own.address, target].flatMap((to) => [
    `nc -z -w 1 ${to} 22`,
    `for i in {1..10}; do echo x >/dev/udp/${to}/53; done`,
  ])
  await createPod(cluster, namespace, 'sender', {
    nodeName: other.name,
    containers: [container(['while :; do', ...knocks, 'sleep 0.1; done'])],
  })
  return { namespace, peer, neighbours: { node: other.address, pod: own.gateway } }
}

import type { Made } from '#test/environment/test-cluster'
import { type Bench, type Fault, pings, resolves, rule, serve } from './bench.ts'

const dnsDeployment = ['-n', 'kube-system', 'deployment/coredns']

/** Replaces the configuration of the cluster's DNS, and restarts its pods. */
async function configureDns(bench: Bench, corefile: string): Promise<void> {
  const { kubectl } = bench.cluster
  await kubectl([
    '-n',
    'kube-system',
    'patch',
    'configmap',
    'coredns',
    '--type=merge',
    '-p',
    JSON.stringify({ data: { Corefile: corefile } }),
  ])
  await kubectl(['rollout', 'restart', ...dnsDeployment])
  await kubectl(['rollout', 'status', ...dnsDeployment, '--timeout=60s'])
}

/** Creates a Service of the clients' namespace for the web server in pod001. */
async function service(bench: Bench, selector: Record<string, string>, targetPort: number): Promise<void> {
  const { namespace } = bench.cluster
  bench.undo(() => bench.cluster.kubectl(['-n', namespace, 'delete', 'service', 'web', '--ignore-not-found']))
  const spec = { selector, ports: [{ name: 'http', port: 80, targetPort }] }
  await bench.cluster.create([
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace }, spec } as Made,
  ])
}

const fetches = async (bench: Bench) =>
  (
    await bench.in(
      'pod002',
      'curl',
      '-s',
      '-m',
      '3',
      '-o',
      '/dev/null',
      `http://web.${bench.cluster.namespace}.svc.cluster.local/`,
    )
  ).ok

const toWeb = (bench: Bench) =>
  `-n ${bench.cluster.namespace} pod/pod002 --to web.${bench.cluster.namespace}.svc.cluster.local:80`

/** Faults of Services and of DNS. */
export const serviceFaults: readonly Fault[] = [
  {
    name: 'DNS pods scaled to 0',
    triage: ({ cluster }) => `-n ${cluster.namespace} pod/pod002`,
    changed: /no ready endpoint/,
    seen: 'dig in a pod',
    async make(bench) {
      bench.undo(() => bench.cluster.kubectl(['rollout', 'status', ...dnsDeployment, '--timeout=60s']))
      bench.undo(() => bench.cluster.kubectl(['scale', '--replicas=1', ...dnsDeployment]))
      await bench.cluster.kubectl(['scale', '--replicas=0', ...dnsDeployment])
      await bench.cluster.kubectl([
        '-n',
        'kube-system',
        'wait',
        '--for=delete',
        'pod',
        '-l',
        'k8s-app=kube-dns',
        '--timeout=60s',
      ])
    },
    symptom: async (bench) => !(await resolves(bench, 'pod002')),
  },
  {
    name: 'one upstream of DNS dead',
    triage: () => 'node002',
    changed: /10\.10\.0\.99/,
    seen: 'names outside that take more than a second',
    async make(bench) {
      const { kubectl } = bench.cluster
      const before = await kubectl([
        '-n',
        'kube-system',
        'get',
        'configmap',
        'coredns',
        '-o',
        'jsonpath={.data.Corefile}',
      ])
      bench.undo(() => configureDns(bench, before))
      const dead = 'forward . 10.10.0.1 10.10.0.99 {\n    max_fails 0\n  }'
      await configureDns(bench, before.replace(/^ *forward .*$/m, `  ${dead}`))
    },
    async symptom(bench) {
      const times: number[] = []
      for (const at of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const name = `${at}${Date.now()}.example.com`
        const { text } = await bench.in('pod002', 'dig', '+time=4', '+tries=1', name, '@10.96.0.10')
        times.push(Number(/Query time: (\d+) msec/.exec(text)?.[1] ?? 4_000))
      }
      return Math.max(...times) > 1_000
    },
  },
  {
    name: 'DNS over UDP dropped, over TCP not',
    triage: ({ cluster }) => `-n ${cluster.namespace} pod/pod002`,
    changed: /udp dport 53 drop/,
    seen: 'dig over UDP and over TCP in a pod',
    make: (bench) => rule(bench, 'node002', 'forward', 'udp dport 53 drop'),
    symptom: async (bench) => !(await resolves(bench, 'pod002')) && (await resolves(bench, 'pod002', '+tcp')),
  },
  {
    name: "kube-proxy's table flushed",
    triage: () => 'node002',
    changed: /kube-proxy/,
    seen: 'dig in a pod',
    async make(bench) {
      bench.undo(() => bench.node('node002', 'systemctl', 'restart', 'kube-proxy'))
      await bench.node('node002', 'nft', 'flush', 'table', 'ip', 'kube-proxy')
    },
    symptom: async (bench) => !(await resolves(bench, 'pod002')),
  },
  {
    name: 'Service without endpoints',
    triage: toWeb,
    changed: /selector app=pod009/,
    seen: 'curl of the Service in a pod',
    fresh: true,
    async make(bench) {
      await serve(bench, 'pod001')
      await service(bench, { app: 'pod009' }, 8080)
    },
    symptom: async (bench) => !(await fetches(bench)) && (await serves(bench)),
  },
  {
    name: 'Service with a wrong targetPort',
    triage: toWeb,
    changed: /9999/,
    seen: 'curl of the Service in a pod',
    fresh: true,
    short: true,
    async make(bench) {
      await serve(bench, 'pod001')
      await service(bench, { app: 'pod001' }, 9999)
    },
    symptom: async (bench) => !(await fetches(bench)) && (await serves(bench)),
  },
]

/** Returns whether the web server itself answers: a Service that doesn't is then the fault. */
const serves = async (bench: Bench) =>
  (await bench.in('pod002', 'nc', '-z', '-w', '2', bench.addressOf('pod001'), '8080')).ok &&
  pings(bench, 'pod002', bench.addressOf('pod001'))

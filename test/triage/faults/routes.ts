import { waitUntil } from '#test/flow/wait-for'
import { type Fault, pings, rule, setting } from './bench.ts'

/** Faults of a node's routes and links. */
export const routeFaults: readonly Fault[] = [
  {
    name: 'default route gone',
    triage: () => 'node002',
    changed: /Network is unreachable/,
    seen: 'ping 1.1.1.1 on the node',
    short: true,
    async make(bench) {
      const before = (await bench.node('node002', 'ip', 'route', 'show', 'default')).trim().split(/\s+/)
      bench.undo(() => bench.node('node002', 'ip', 'route', 'replace', ...before))
      await bench.node('node002', 'ip', 'route', 'del', 'default')
    },
    symptom: async (bench) =>
      (await bench.in('host002', 'ping', '-c', '1', '-W', '1', '1.1.1.1')).text.includes('Network is unreachable'),
  },
  {
    name: 'MTU of one node smaller',
    triage: () => 'node002',
    changed: /"mtu": 1400/,
    seen: 'ping with 1472 bytes from a pod',
    short: true,
    async make(bench) {
      bench.undo(() => bench.node('node002', 'ip', 'link', 'set', 'host0', 'mtu', '1500'))
      await bench.node('node002', 'ip', 'link', 'set', 'host0', 'mtu', '1400')
    },
    symptom: async (bench) => !(await pings(bench, 'pod002', '-M', 'do', '-s', '1472', bench.addressOf('host001'))),
  },
  {
    name: "route to one node's pods missing",
    triage: () => 'node002',
    changed: /10\.244\.1\.0\/24/,
    seen: 'ping of a pod of the other node',
    async make(bench) {
      const [range, gateway] = ['10.244.1.0/24', '10.10.0.11']
      bench.undo(() => bench.node('node002', 'ip', 'route', 'replace', range, 'via', gateway))
      // The network's router has no such route either, as where clouds keep one for each node.
      bench.undo(() => bench.machine('ip', 'route', 'replace', range, 'via', gateway, 'dev', 'br-nodes'))
      await bench.machine('ip', 'route', 'del', range)
      await bench.node('node002', 'ip', 'route', 'del', range)
    },
    symptom: async (bench) => !(await pings(bench, 'host002', bench.addressOf('pod001'))),
  },
  {
    name: "route to one node's pods refuses",
    triage: () => 'node002',
    changed: /10\.244\.1\.0\/24/,
    seen: 'ping of a pod of the other node',
    async make(bench) {
      const range = '10.244.1.0/24'
      bench.undo(() => bench.node('node002', 'ip', 'route', 'replace', range, 'via', '10.10.0.11'))
      await bench.node('node002', 'ip', 'route', 'replace', 'unreachable', range)
      await bench.node('node002', 'ip', 'route', 'del', range, 'via', '10.10.0.11').catch(() => undefined)
      bench.undo(() => bench.node('node002', 'ip', 'route', 'del', 'unreachable', range).catch(() => undefined))
    },
    symptom: async (bench) => !(await pings(bench, 'host002', bench.addressOf('pod001'))),
  },
  {
    name: 'ip_forward = 0',
    triage: () => 'node002',
    changed: /net\.ipv4\.ip_forward = 0/,
    seen: 'ping from a pod to one of the other node',
    short: true,
    make: (bench) => setting(bench, 'node002', 'net.ipv4.ip_forward', '0'),
    symptom: async (bench) => !(await pings(bench, 'pod002', bench.addressOf('pod001'))),
  },
  {
    name: 'rp_filter strict, with another way back',
    triage: () => 'node001',
    changed: /rp_filter = 1/,
    seen: 'datagrams that do not arrive',
    async make(bench) {
      // The way back to the sender leads through another interface.
      bench.undo(() => bench.node('node002', 'ip', 'address', 'del', '10.99.0.1/32', 'dev', 'host0'))
      await bench.node('node002', 'ip', 'address', 'add', '10.99.0.1/32', 'dev', 'host0')
      bench.undo(() => bench.node('node001', 'ip', 'route', 'del', '10.99.0.0/24'))
      await bench.node('node001', 'ip', 'route', 'add', '10.99.0.0/24', 'dev', 'cni0')
      bench.start('host001', 'rm -f /tmp/received; exec socat -u UDP-RECV:9301 OPEN:/tmp/received,creat,append')
      const send = 'echo $i | socat -u - UDP-SENDTO:10.10.0.11:9301,bind=10.99.0.1; sleep 0.1'
      bench.start('host002', `for i in $(seq 1 1000); do ${send}; done`)
      const arrives = async () => (await bench.in('host001', 'cat', '/tmp/received')).text.length
      await waitUntil('the datagrams arrive before the change', async () => (await arrives()) >= 5)
      await setting(bench, 'node001', 'net.ipv4.conf.host0.rp_filter', '1')
      await bench.in('host001', 'truncate', '-s', '0', '/tmp/received')
    },
    async symptom(bench) {
      const before = await bench.in('host001', 'cat', '/tmp/received')
      const after = await bench.in('host001', 'cat', '/tmp/received')
      return before.ok && before.text === after.text
    },
  },
  {
    name: "gateway's neighbour FAILED",
    triage: () => 'node002',
    changed: /10\.10\.0\.254/,
    seen: 'ping of the gateway',
    fresh: true,
    async make(bench) {
      bench.undo(() => bench.node('node002', 'ip', 'route', 'replace', 'default', 'via', '10.10.0.1'))
      bench.undo(() => bench.machine('ip', 'address', 'del', '10.10.0.254/24', 'dev', 'br-nodes').catch(() => ''))
      await bench.machine('ip', 'address', 'add', '10.10.0.254/24', 'dev', 'br-nodes')
      await bench.node('node002', 'ip', 'route', 'replace', 'default', 'via', '10.10.0.254')
      if (!(await pings(bench, 'host002', '10.10.0.254'))) throw new Error('the gateway does not answer before')
      await bench.machine('ip', 'address', 'del', '10.10.0.254/24', 'dev', 'br-nodes')
      await bench.node('node002', 'ip', 'neigh', 'flush', 'to', '10.10.0.254')
    },
    symptom: async (bench) => !(await pings(bench, 'host002', '10.10.0.254')),
  },
  {
    name: 'bandwidth choked by tbf',
    triage: () => 'node002',
    changed: /tbf/,
    seen: 'pings of 1,400 bytes that take more than 40 ms',
    async make(bench) {
      bench.undo(() => bench.node('node002', 'tc', 'qdisc', 'del', 'dev', 'host0', 'root'))
      const limit = ['rate', '400kbit', 'burst', '16kb', 'latency', '400ms']
      await bench.node('node002', 'tc', 'qdisc', 'add', 'dev', 'host0', 'root', 'tbf', ...limit)
    },
    async symptom(bench) {
      const many = ['-c', '40', '-i', '0.01', '-s', '1400', '-W', '1']
      const { text } = await bench.in('host002', 'ping', ...many, bench.addressOf('host001'))
      const [, slowest] = / = [\d.]+\/[\d.]+\/([\d.]+)\//.exec(text) ?? []
      // Less than 1 ms without the fault; ping waits while its socket's buffer is full, so that no more than three queue.
      return Number(slowest ?? 0) > 40
    },
  },
  {
    name: '30 % of the packets lost by nft numgen',
    triage: () => 'node002',
    changed: /numgen random mod 100 < 30/,
    seen: 'pings of the other node, of which some are not answered',
    make: (bench) => rule(bench, 'node002', 'input', 'icmp type echo-reply numgen random mod 100 < 30 drop'),
    async symptom(bench) {
      const many = ['-c', '40', '-i', '0.02', '-W', '1']
      const { text } = await bench.in('host002', 'ping', ...many, bench.addressOf('host001'))
      const [, received] = / (\d+) received/.exec(text) ?? []
      return Number(received) < 37
    },
  },
]

import { type Bench, type Fault, rule, setting, untilConnects, untilOpen } from './bench.ts'

const unitFile = '/etc/systemd/system/web-agent.service'
const unit = (command: string) =>
  `[Unit]\nDescription=Agent\nStartLimitIntervalSec=0\n[Service]\nExecStart=${command}\n`

async function writeUnit(bench: Bench, command: string): Promise<void> {
  await bench.node('node002', 'bash', '-c', `printf '%s' '${unit(command)}' > ${unitFile}`)
  await bench.node('node002', 'systemctl', 'daemon-reload')
  await bench.node('node002', 'systemctl', 'restart', 'web-agent').catch(() => undefined)
}

/** Returns whether the node's kubelet lets the API server run something in a pod. */
const isReached = async (bench: Bench) => (await bench.in('host002', 'true')).ok

/** Returns whether the node has not renewed its lease for so long that the cluster takes it for gone. */
async function isNotReady({ cluster }: Bench): Promise<boolean> {
  const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
  return (await cluster.kubectl(['get', 'node', 'node002', '-o', path])) === 'Unknown'
}

/** Waits until a node that was made ill is taken for ready again. */
async function becomesReady({ cluster }: Bench): Promise<void> {
  await cluster.kubectl(['wait', '--for=condition=Ready', 'node/node002', '--timeout=90s'])
}

/** Faults of a node's programs, sockets and rules. */
export const nodeFaults: readonly Fault[] = [
  {
    name: 'packets of one port dropped by nft',
    triage: () => 'node002',
    changed: /tcp dport 9302 drop/,
    seen: 'a connection from the other node',
    fresh: true,
    async make(bench) {
      bench.start('host002', 'exec socat TCP-LISTEN:9302,fork,reuseaddr EXEC:cat')
      await untilConnects(bench, 'node001', '10.10.0.12', 9302)
      await rule(bench, 'node002', 'input', 'tcp dport 9302 drop')
    },
    symptom: async (bench) => !(await bench.connects('node001', '10.10.0.12', 9302)),
  },
  {
    name: 'packets of one port dropped by iptables',
    triage: () => 'node002',
    changed: /--dport 9302 -j DROP/,
    seen: 'a connection from the other node',
    fresh: true,
    async make(bench) {
      bench.start('host002', 'exec socat TCP-LISTEN:9302,fork,reuseaddr EXEC:cat')
      await untilConnects(bench, 'node001', '10.10.0.12', 9302)
      const own = ['INPUT', '-p', 'tcp', '--dport', '9302', '-j', 'DROP']
      bench.undo(() => bench.node('node002', 'iptables', '-D', ...own))
      await bench.node('node002', 'iptables', '-I', ...own)
    },
    symptom: async (bench) => !(await bench.connects('node001', '10.10.0.12', 9302)),
  },
  {
    name: 'API server unreachable from one node, warm',
    triage: () => 'node002',
    changed: /tcp dport 6443 drop/,
    seen: 'a connection from the node to the API server',
    make: (bench) => rule(bench, 'node002', 'output', 'tcp dport 6443 drop'),
    symptom: async (bench) => !(await bench.connects('node002', '10.10.0.1', 6443)),
  },
  {
    name: 'API server unreachable from one node, for a minute',
    triage: () => 'node002',
    // What was changed is the rule; that the node is not ready follows from it.
    changed: /tcp dport 6443 drop/,
    also: /renewTime|Ready=Unknown/,
    seen: 'a connection from the node to the API server, and the node is not ready',
    async make(bench) {
      bench.undo(() => becomesReady(bench))
      await rule(bench, 'node002', 'output', 'tcp dport 6443 drop')
    },
    symptom: async (bench) => !(await bench.connects('node002', '10.10.0.1', 6443)) && isNotReady(bench),
  },
  {
    name: 'kubelet stopped',
    triage: () => 'node002',
    changed: /renewTime|Ready=Unknown/,
    seen: 'a command in a pod of the node, and the node is not ready',
    async make(bench) {
      bench.undo(() => becomesReady(bench))
      bench.undo(() => bench.node('node002', 'systemctl', 'start', 'kubelet'))
      await bench.node('node002', 'systemctl', 'stop', 'kubelet')
    },
    symptom: async (bench) => !(await isReached(bench)) && isNotReady(bench),
  },
  {
    name: 'failed unit',
    triage: () => 'node002',
    changed: /web-agent\.service/,
    seen: 'a connection to its port',
    fresh: true,
    async make(bench) {
      bench.undo(async () => {
        await bench.node('node002', 'systemctl', 'stop', 'web-agent').catch(() => undefined)
        await bench.node('node002', 'rm', '-f', unitFile)
        await bench.node('node002', 'systemctl', 'daemon-reload')
        await bench.node('node002', 'systemctl', 'reset-failed').catch(() => undefined)
      })
      await writeUnit(bench, '/usr/bin/socat TCP-LISTEN:9303,fork,reuseaddr EXEC:cat')
      await untilConnects(bench, 'node001', '10.10.0.12', 9303)
      await writeUnit(bench, '/usr/bin/socat TCP-LISTEN:no-port EXEC:cat')
    },
    symptom: async (bench) => !(await bench.connects('node001', '10.10.0.12', 9303)),
  },
  {
    name: 'queue of a listener full',
    triage: ({ cluster }) => `-n ${cluster.namespace} pod/pod002`,
    changed: /:8081/,
    seen: 'a connection to it',
    fresh: true,
    async make(bench) {
      // It serves one client at a time; the others wait in its queue.
      bench.start('pod002', "exec socat TCP-LISTEN:8081,backlog=2,fork,max-children=1,reuseaddr EXEC:'sleep 100'")
      await untilOpen(bench, 'pod002', 8081)
      const clientsOf = 'for i in $(seq 1 8); do (sleep 100 | nc 127.0.0.1 8081) & done; wait'
      bench.start('pod002', clientsOf)
    },
    symptom: async (bench) => !(await bench.in('pod001', 'nc', '-z', '-w', '2', bench.addressOf('pod002'), '8081')).ok,
  },
  {
    name: 'ports for own connections used up',
    triage: () => 'node002',
    changed: /ip_local_port_range = 47000\s+47007/,
    seen: 'a further connection from the node',
    fresh: true,
    async make(bench) {
      bench.start('host001', "exec socat TCP-LISTEN:9304,fork,reuseaddr EXEC:'sleep 100'")
      await untilConnects(bench, 'node002', '10.10.0.11', 9304)
      await setting(bench, 'node002', 'net.ipv4.ip_local_port_range', '47000 47007')
      bench.start('host002', 'for i in $(seq 1 9); do (sleep 100 | nc 10.10.0.11 9304) & done; wait')
    },
    symptom: async (bench) => !(await bench.connects('node002', '10.10.0.11', 9304)),
  },
]

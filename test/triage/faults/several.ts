import { type Fault, pings, rule, setting } from './bench.ts'
import { nodeFaults } from './nodes.ts'
import { routeFaults } from './routes.ts'

const part = (name: string) => {
  const found = [...routeFaults, ...nodeFaults].find((fault) => fault.name === name)
  if (found === undefined) throw new Error(`there is no fault "${name}"`)
  return found
}

/** Two faults at once, and one on one of two nodes. */
export const severalFaults: readonly Fault[] = [
  {
    ...part('default route gone'),
    fresh: true,
    name: 'default route gone, and a failed unit',
    also: part('failed unit').changed,
    async make(bench) {
      await part('failed unit').make(bench)
      await part('default route gone').make(bench)
    },
    symptom: async (bench) =>
      (await part('default route gone').symptom(bench)) && (await part('failed unit').symptom(bench)),
  },
  {
    name: 'ip_forward = 0, and packets of one port dropped',
    triage: () => 'node002',
    changed: /net\.ipv4\.ip_forward = 0/,
    also: /tcp dport 9305 drop/,
    seen: 'ping from a pod to one of the other node',
    async make(bench) {
      await rule(bench, 'node002', 'input', 'tcp dport 9305 drop')
      await setting(bench, 'node002', 'net.ipv4.ip_forward', '0')
    },
    symptom: async (bench) => !(await pings(bench, 'pod002', bench.addressOf('pod001'))),
  },
  {
    ...part('ip_forward = 0'),
    name: 'ip_forward = 0 on one of two nodes',
    triage: () => '-l kubernetes.io/os=linux --targets 2',
  },
]

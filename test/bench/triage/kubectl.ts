import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { DevCluster } from '#dev/dev-cluster/cluster'
import { image } from '#test/bench/peers'

/** What one command printed on a node, and how it ended. */
export type Recorded = { argv: readonly string[]; text: string; exit: number }

/** Commands of a triage on one node: each runs once, and those with these positions again five seconds later. */
export type Commands = { argvs: readonly (readonly string[])[]; later: readonly number[] }

/** What a triage reads of the API server, as arguments of `kubectl get`. */
const objects = (node: string) => [
  ['node', node, '--output=json'],
  ['lease', node, '--namespace=kube-node-lease', '--output=json'],
  ['pods', '--all-namespaces', `--field-selector=spec.nodeName=${node}`, '--output=json'],
  ['events', '--namespace=default', '--output=json'],
]

/**
 * Does what a triage does on one node as a person does it with kubectl, by a script that needs no time to think: a debug pod with all
 * rights, each command in it, the counters once more after five seconds, and the objects of the API server. Resolves with the
 * milliseconds that it took, and with what the commands printed.
 */
export async function triageByKubectl(
  cluster: DevCluster,
  node: string,
  { argvs, later }: Commands,
): Promise<{ took: number; outputs: Recorded[] }> {
  const begun = performance.now()
  const { text } = await kubectl(cluster, [
    ...['debug', `node/${node}`, '--profile=sysadmin', '--image-pull-policy=IfNotPresent', `--image=${image}`],
    ...['--', 'sleep', '600'],
  ])
  const [pod = ''] = /node-debugger-\S+?(?=[.\s])/.exec(text) ?? []
  try {
    await kubectl(cluster, ['wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=60s'])
    const outputs: Recorded[] = []
    const run = async (argv: readonly string[]) => {
      outputs.push({ argv, ...(await kubectl(cluster, ['exec', pod, '--', ...argv])) })
    }
    const firstRead = performance.now()
    for (const argv of argvs) await run(argv)
    for (const args of objects(node)) await kubectl(cluster, ['get', ...args])
    const left = 5_000 - (performance.now() - firstRead)
    if (left > 0 && later.length > 0) await new Promise((resolve) => setTimeout(resolve, left))
    for (const at of later) await kubectl(cluster, ['exec', pod, '--', ...(argvs[at] ?? [])])
    return { took: performance.now() - begun, outputs }
  } finally {
    await kubectl(cluster, ['delete', 'pod', pod, '--grace-period=0', '--force', '--wait=false'])
  }
}

/** Runs kubectl to its end; resolves with all that it printed and its exit code. */
async function kubectl({ kubectlArgv: [program, ...first] }: DevCluster, args: readonly string[]) {
  const child = spawn(program, [...first, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
  }
  const [exit] = (await once(child, 'close')) as [number | null]
  return { text, exit: exit ?? 1 }
}

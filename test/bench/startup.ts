import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { DevCluster } from '#dev/dev-cluster/cluster'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import { openProgram } from './program.ts'

/** Idle times after which memory is measured: memory of the start has been released, and memory of idling is in use. */
const idleSeconds = [5, 60]

/** Measures from the process's start until it logs that it has started, with Slack as its chat. Peer: an empty Node program. */
export async function benchStartup(cluster: DevCluster, times: number): Promise<Measure> {
  const own: number[] = []
  const bare: number[] = []
  const memory: Record<string, number> = {}
  for (let at = 0; at < times; at++) {
    const program = await openProgram({
      cluster: `name: dev, kubeconfig: '${cluster.kubeconfig}', context: ${cluster.context}`,
    })
    own.push(program.startedAfter)
    if (at === times - 1) {
      for (const [which, seconds] of idleSeconds.entries()) {
        await new Promise((resolve) => setTimeout(resolve, (seconds - (idleSeconds[which - 1] ?? 0)) * 1_000))
        memory[`MB of memory after ${seconds} s`] = Math.round(program.memory() / 1_000_000)
      }
    }
    await program.stop()
    const begun = performance.now()
    await once(spawn(process.execPath, ['-e', '0']), 'exit')
    bare.push(performance.now() - begun)
  }
  return {
    name: 'start of the role "all"',
    own: figuresOf(own),
    peers: [{ what: 'node -e 0', figures: figuresOf(bare) }],
    notes: { ...memory, 'memory target in MB': 150 },
  }
}

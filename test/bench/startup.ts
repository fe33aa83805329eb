import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { DevCluster } from '#dev/dev-cluster/cluster'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import { openProgram } from './program.ts'

/** Seconds without anything to do, after which memory is looked at: what starting took is gone, and what idling takes is there. */
const idle = [5, 60]

/** From the process' start to its word that it has started, with Slack as its door; beside it Node with nothing to do. */
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
      for (const [which, seconds] of idle.entries()) {
        await new Promise((resolve) => setTimeout(resolve, (seconds - (idle[which - 1] ?? 0)) * 1_000))
        memory[`megabytes in memory after ${seconds} s`] = Math.round(program.memory() / 1_000_000)
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
    notes: { ...memory, 'target in megabytes': 150 },
  }
}

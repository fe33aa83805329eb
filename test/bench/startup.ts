import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { DevCluster } from '#deploy/dev-cluster/cluster'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import { openProgram } from './program.ts'

/** Seconds without anything to do, after which memory is looked at. */
const idle = 5

/** From the process' start to its word that it has started, with Slack as its door; beside it Node with nothing to do. */
export async function benchStartup(cluster: DevCluster, times: number): Promise<Measure> {
  const own: number[] = []
  const bare: number[] = []
  let memory = 0
  for (let at = 0; at < times; at++) {
    const program = await openProgram({
      cluster: `name: dev, kubeconfig: '${cluster.kubeconfig}', context: ${cluster.context}`,
    })
    own.push(program.startedAfter)
    if (at === times - 1) {
      await new Promise((resolve) => setTimeout(resolve, idle * 1_000))
      memory = program.memory()
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
    notes: { [`megabytes in memory after ${idle} s`]: Math.round(memory / 1_000_000), 'target in megabytes': 150 },
  }
}

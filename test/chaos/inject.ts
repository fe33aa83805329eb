import { nodeExec } from '#dev/dev-cluster/node'
import { debugPods } from '#test/environment/debug-pods'
import type { ChaosEnvironment } from './environment.ts'
import { pause } from './fleet.ts'
import type { Kind } from './kinds.ts'
import type { Fault } from './plan.ts'
import type { Random } from './random.ts'

/** Milliseconds in which a process must come to the point where it is to die, and a pod must be there to be deleted. */
const timeoutMs = 6_000

/** Milliseconds after which somebody asks once more for what leads there. */
const askAgainMs = 2_000

/** Makes it happen, and puts right what doesn't come right by itself. Resolves false when it could not be made to happen. */
export async function inject(
  context: ChaosEnvironment,
  fault: Fault,
  random: Random,
  asking: (kind: Kind) => Promise<void>,
): Promise<boolean> {
  const { fleet, redis, proxy, cluster, slack } = context
  switch (fault.kind) {
    case 'kill': {
      const died = fleet.dieAt(fault.role, fault, timeoutMs)
      const over = died.then(() => true)
      if (fault.asks !== 'shell') await asking(fault.asks)
      // That one may have met a bot that was just dying, or a chat that answers badly.
      while (!(await Promise.race([over, pause(askAgainMs)]))) await asking(fault.asks)
      return died
    }
    case 'redis killed':
    case 'redis restarted':
      await redis.stop(fault.kind === 'redis killed' ? 'SIGKILL' : 'SIGTERM')
      await pause(fault.away)
      await redis.start()
      return true
    case 'API server killed':
      await cluster.stopApiServer()
      await pause(fault.away)
      await cluster.startApiServer()
      return true
    case 'connections cut':
      await proxy.cutAfter(fault.afterBytes)
      return true
    case 'kubelet stopped':
      await nodeExec(fault.node, ['systemctl', 'stop', 'kubelet'])
      await pause(fault.away)
      await nodeExec(fault.node, ['systemctl', 'start', 'kubelet'])
      return true
    case 'containerd killed':
      await nodeExec(fault.node, ['systemctl', 'kill', '--kill-whom=main', '--signal=KILL', 'containerd'])
      return true
    case 'pod deleted':
      return deletePod(context, random)
    case 'clock jumped': {
      const member = random.pick([...fleet.members('bot'), ...fleet.members('worker')])
      fleet.tell(member, { clock: fault.by })
      await pause(fault.away)
      fleet.tell(member, { clock: 0 })
      return true
    }
    case 'chat answers badly':
      slack.misbehave(() => (random.between(1, 3) === 1 ? undefined : fault.how))
      await pause(fault.away)
      slack.misbehave(undefined)
      return true
    case 'rolling restart':
      await fleet.renewAll()
      return true
  }
}

async function deletePod({ cluster }: ChaosEnvironment, random: Random): Promise<boolean> {
  for (const until = Date.now() + timeoutMs; Date.now() < until; await pause(100)) {
    const pods = await debugPods(cluster).catch(() => [])
    if (pods.length === 0) continue
    const words = ['delete', 'pod', '-n', cluster.namespace, random.pick(pods), '--now', '--wait=false']
    // It may be gone by itself by then.
    if (
      await cluster.kubectl(words).then(
        () => true,
        () => false,
      )
    )
      return true
  }
  return false
}

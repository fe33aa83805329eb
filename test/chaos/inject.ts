import { delay } from '#core/util/delay'
import { nodeExec } from '#dev/dev-cluster/node'
import { debugPods } from '#test/environment/debug-pods'
import type { ChaosEnvironment } from './environment.ts'
import type { CommandKind } from './kinds.ts'
import type { Fault } from './plan.ts'
import type { Random } from './random.ts'

/** Time limit for a process to reach the point where it is killed. */
const timeoutMs = 6_000
/** Time limit for a pod to exist that can be deleted. */
const podTimeoutMs = 30_000

/** Interval at which commands that lead to the point are sent again. */
const resendMs = 2_000

/** Injects a fault, and undoes what doesn't recover by itself. Resolves false if the fault could not be injected. */
export async function inject(
  context: ChaosEnvironment,
  fault: Fault,
  random: Random,
  sendOne: (kind: CommandKind) => Promise<void>,
): Promise<boolean> {
  const { fleet, redis, proxy, cluster, slack } = context
  switch (fault.kind) {
    case 'kill': {
      const killed = fleet.killAt(fault.role, fault, timeoutMs)
      const isOver = killed.then(() => true)
      if (fault.command !== 'shell') await sendOne(fault.command)
      // That command may have reached a dying bot, or a chat that fails.
      while (!(await Promise.race([isOver, delay(resendMs)]))) await sendOne(fault.command)
      return killed
    }
    case 'redis killed':
    case 'redis restarted':
      await redis.stop(fault.kind === 'redis killed' ? 'SIGKILL' : 'SIGTERM')
      await delay(fault.durationMs)
      await redis.start()
      return true
    case 'API server killed':
      await cluster.stopApiServer()
      await delay(fault.durationMs)
      await cluster.startApiServer()
      return true
    case 'connections cut':
      await proxy.cutAfter(fault.afterBytes)
      return true
    case 'kubelet stopped':
      await nodeExec(fault.node, ['systemctl', 'stop', 'kubelet'])
      await delay(fault.durationMs)
      await nodeExec(fault.node, ['systemctl', 'start', 'kubelet'])
      return true
    case 'containerd killed':
      await nodeExec(fault.node, ['systemctl', 'kill', '--kill-whom=main', '--signal=KILL', 'containerd'])
      return true
    case 'pod deleted':
      return deletePod(context, random)
    case 'clock jumped': {
      const member = random.pick([...fleet.members('bot'), ...fleet.members('worker')])
      fleet.send(member, { clockOffsetMs: fault.offsetMs })
      await delay(fault.durationMs)
      fleet.send(member, { clockOffsetMs: 0 })
      return true
    }
    case 'chat fails':
      slack.misbehave(() => (random.between(1, 3) === 1 ? undefined : fault.failure))
      await delay(fault.durationMs)
      slack.misbehave(undefined)
      return true
    case 'rolling restart':
      await fleet.restartAll()
      return true
  }
}

/** Deletes the pod of a run. After a fault of a node it takes a while until there is one again. */
async function deletePod({ cluster }: ChaosEnvironment, random: Random): Promise<boolean> {
  const { core, namespace } = cluster
  for (const until = Date.now() + podTimeoutMs; Date.now() < until; await delay(100)) {
    const pods = await debugPods(cluster).catch(() => [])
    if (pods.length === 0) continue
    // It may have been deleted by its run in the meantime.
    const deleted = await core.deleteNamespacedPod({ name: random.pick(pods), namespace, gracePeriodSeconds: 1 }).then(
      () => true,
      () => false,
    )
    if (deleted) return true
  }
  return false
}

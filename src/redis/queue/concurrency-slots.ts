import type { Redis } from 'ioredis'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { redisScript } from '#src/redis/script'

/** What a run needs a slot of: its node, and its cluster. */
export type SlotKind = 'node' | 'cluster'

export type SlotRequest = {
  run: string
  cluster: string
  node: string
  /** Priority of the run's job in the queue: the lowest number comes first. */
  priority: number
}

/** Slots of one run. `release` frees them and returns the ids of runs whose turn has come as a result. */
export type HeldSlot = { release: () => Promise<readonly string[]> }

/** Concurrency slots of nodes and clusters, counted across all workers. */
export type Slots = {
  /**
   * Takes one slot of the node and one of the cluster, or neither: then the run joins the waiting list of the busy one
   * (`busy`). No run overtakes another that is ahead of it in the list. A run that takes its slots again retains them.
   */
  acquire: (request: SlotRequest) => Promise<HeldSlot | { busy: SlotKind }>
  /** Removes the run from all waiting lists. */
  leaveWaitingLists: (run: string) => Promise<void>
  /**
   * Returns waiting runs whose turn has come, also where slots were freed without a message: a worker may have died.
   */
  dueRuns: () => Promise<readonly string[]>
  /**
   * Returns runs that wait for a slot, at most `maxPerList` of each waiting list, and how many are ahead of each
   * (`before`).
   */
  waitingLists: (maxPerList: number) => Promise<readonly { run: string; busy: SlotKind; before: number }[]>
}

export type SlotLimits = { perNode: number; perCluster: number }

/** Stores slots as sorted sets in Redis. Each slot is renewed until its release. */
export function redisConcurrencySlots(
  redis: Redis,
  limits: SlotLimits,
  prefix = 'retina',
  { slotLeaseMs: leaseMs }: Pick<Timing, 'slotLeaseMs'> = defaultTiming,
): Slots {
  const [slotsPrefix, waitingPrefix] = [`${prefix}:slots:`, `${prefix}:slots-line:`]
  const [waitingIndexKey, counterKey] = [`${prefix}:slots-lines`, `${prefix}:slots-counter`]
  const take = redisScript(redis, 'take-slots', 6)
  const renew = redisScript(redis, 'renew-slots', 2)
  const release = redisScript(redis, 'release-slots', 4)
  const due = redisScript(redis, 'list-due-waiting-runs', 1)
  const getKeys = ({ cluster, node }: SlotRequest) => {
    const names = [`node:${cluster}/${node}`, `cluster:${cluster}`]
    return { held: names.map((each) => slotsPrefix + each), lines: names.map((each) => waitingPrefix + each) }
  }
  const readWaitingNames = async () =>
    (await redis.smembers(waitingIndexKey)).map((slotsKey) => slotsKey.slice(slotsPrefix.length))
  const { perNode, perCluster } = limits
  return {
    async acquire(request) {
      const { held: slotKeys, lines: waitingKeys } = getKeys(request)
      const { run, priority } = request
      const answer = await take(
        ...slotKeys,
        ...waitingKeys,
        waitingIndexKey,
        counterKey,
        run,
        leaseMs,
        perNode,
        perCluster,
        priority,
      )
      if (answer !== 0) return { busy: answer === 1 ? 'node' : 'cluster' }
      const timer = setInterval(() => void renew(...slotKeys, run, leaseMs).catch(() => undefined), leaseMs / 3)
      timer.unref()
      return {
        async release() {
          clearInterval(timer)
          return (await release(...slotKeys, ...waitingKeys, run, perNode, perCluster)) as string[]
        },
      }
    },
    async leaveWaitingLists(run) {
      await Promise.all((await readWaitingNames()).map((name) => redis.zrem(waitingPrefix + name, run)))
    },
    dueRuns: async () => (await due(waitingIndexKey, slotsPrefix, waitingPrefix, perNode, perCluster)) as string[],
    async waitingLists(maxPerList) {
      const reads = (await readWaitingNames()).map(async (name) => {
        const runs = await redis.zrange(waitingPrefix + name, '0', String(maxPerList - 1))
        const busy: SlotKind = name.startsWith('node:') ? 'node' : 'cluster'
        return runs.map((run, before) => ({ run, busy, before }))
      })
      return (await Promise.all(reads)).flat()
    },
  }
}

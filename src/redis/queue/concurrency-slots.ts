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

// All scripts use Redis' own time: a worker whose clock is wrong can't free another run's slot. Scores of slots are
// their expiry times (ms since 1970); scores of waiting lists are the queue's priorities, followed by a running number
// (lower 32 bits).
const common = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function free(held, limit)
  redis.call('ZREMRANGEBYSCORE', held, '-inf', now)
  return tonumber(limit) - redis.call('ZCARD', held)
end
local function heads(held, line, limit, into)
  local some = free(held, limit)
  if some <= 0 then return end
  for _, run in ipairs(redis.call('ZRANGE', line, 0, some - 1)) do into[#into + 1] = run end
end
`

/**
 * Takes both slots, or joins a waiting list. KEYS: slots of the node and of the cluster, their waiting lists, set of
 * slot keys that have a waiting list, running number. ARGV: run, lease (ms), limit per node, limit per cluster,
 * priority. Returns 0, or which one is busy (1: node, 2: cluster).
 */
const takeScript = `${common}
local run, priority = ARGV[1], tonumber(ARGV[5])
for at = 1, 2 do
  local some = free(KEYS[at], ARGV[2 + at])
  if redis.call('ZSCORE', KEYS[at], run) == false then
    local line = KEYS[2 + at]
    local before = redis.call('ZRANK', line, run)
    if before == false then before = redis.call('ZCOUNT', line, '-inf', '(' .. string.format('%.0f', (priority + 1) * 0x100000000)) end
    if before >= some then
      if redis.call('ZSCORE', line, run) == false then
        redis.call('ZADD', line, string.format('%.0f', priority * 0x100000000 + redis.call('INCR', KEYS[6]) % 0x100000000), run)
      end
      redis.call('ZREM', KEYS[5 - at], run)
      redis.call('SADD', KEYS[5], KEYS[at])
      return at
    end
  end
end
redis.call('ZREM', KEYS[3], run)
redis.call('ZREM', KEYS[4], run)
for at = 1, 2 do
  redis.call('ZADD', KEYS[at], now + ARGV[2], run)
  redis.call('PEXPIRE', KEYS[at], ARGV[2] * 2)
end
return 0
`

/**
 * Renews a run's slots even if they have expired: an active run retains them, however late its worker renews them.
 * KEYS: slots of the node and of the cluster. ARGV: run, lease (ms).
 */
const renewScript = `${common}
for at = 1, 2 do
  redis.call('ZADD', KEYS[at], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[at], ARGV[2] * 2)
end
`

/**
 * Frees a run's slots and returns the runs whose turn has come. KEYS: slots of the node and of the cluster, their
 * waiting lists. ARGV: run, limit per node, limit per cluster.
 */
const releaseScript = `${common}
local due = {}
for at = 1, 2 do
  redis.call('ZREM', KEYS[at], ARGV[1])
  if redis.call('EXISTS', KEYS[2 + at]) == 1 then heads(KEYS[at], KEYS[2 + at], ARGV[1 + at], due) end
end
return due
`

/**
 * Returns all waiting runs whose turn has come. KEYS: set of slot keys that have a waiting list. ARGV: key prefix of
 * slots, key prefix of waiting lists, limit per node, limit per cluster.
 */
const dueScript = `${common}
local due = {}
for _, held in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local place = string.sub(held, #ARGV[1] + 1)
  local line = ARGV[2] .. place
  if redis.call('EXISTS', line) == 0 then redis.call('SREM', KEYS[1], held)
  else heads(held, line, string.sub(place, 1, 5) == 'node:' and ARGV[3] or ARGV[4], due) end
end
return due
`

/** Stores slots as sorted sets in Redis. Each slot is renewed until its release. */
export function redisConcurrencySlots(
  redis: Redis,
  limits: SlotLimits,
  prefix = 'retina',
  { slotLeaseMs: leaseMs }: Pick<Timing, 'slotLeaseMs'> = defaultTiming,
): Slots {
  const [slotsPrefix, waitingPrefix] = [`${prefix}:slots:`, `${prefix}:slots-line:`]
  const [waitingIndexKey, counterKey] = [`${prefix}:slots-lines`, `${prefix}:slots-counter`]
  const take = redisScript(redis, 'retinaSlotsTake', 6, takeScript)
  const renew = redisScript(redis, 'retinaSlotsRenew', 2, renewScript)
  const release = redisScript(redis, 'retinaSlotsRelease', 4, releaseScript)
  const due = redisScript(redis, 'retinaSlotsDue', 1, dueScript)
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

import type { Redis } from 'ioredis'
import { defaultTiming, type Timing } from '#core/util/timing'
import { redisScript } from '#src/redis/script'

/** What a run takes a place of: its node, and its cluster. */
export type SlotKind = 'node' | 'cluster'

export type SlotRequest = {
  run: string
  cluster: string
  node: string
  /** The queue's own order: who has the lowest number comes first. */
  priority: number
}

/** Releasing answers the runs whose turn it is by that. */
export type HeldSlot = { release: () => Promise<readonly string[]> }

/** Places for runs on one node and on one cluster, counted over all workers. */
export type Slots = {
  /**
   * Takes a place on the node and one on the cluster, or none of them; then the run is in line for the one that is busy. Nobody
   * overtakes who stands in line before them. The same run taking again keeps its places.
   */
  take: (request: SlotRequest) => Promise<HeldSlot | { busy: SlotKind }>
  /** Out of every line. */
  leave: (run: string) => Promise<void>
  /** Runs in line whose turn it is by now, wherever places fell free without anybody's word: a worker may have died. */
  due: () => Promise<readonly string[]>
  /** Runs that wait for a slot: at most `most` of each waiting list, each with the number of runs in front of it. */
  lines: (maxPerList: number) => Promise<readonly { run: string; busy: SlotKind; before: number }[]>
}

export type SlotLimits = { perNode: number; perCluster: number }

// Time is Redis' own in all of these: a worker whose clock is wrong frees nobody's place. Scores of places are the times at which
// they fall free, scores of lines are the queue's priorities with a running number behind.
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

/** KEYS: places of the node and of the cluster, their lines, the lines that there are, the running number. ARGV: run, lease, limits, priority. */
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

/** A run that goes on holds its places, however late its worker renews them. KEYS: places. ARGV: run, lease. */
const renewScript = `${common}
for at = 1, 2 do
  redis.call('ZADD', KEYS[at], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[at], ARGV[2] * 2)
end
`

/** Answers whose turn it is now. KEYS: places and lines. ARGV: run, limits. */
const releaseScript = `${common}
local due = {}
for at = 1, 2 do
  redis.call('ZREM', KEYS[at], ARGV[1])
  if redis.call('EXISTS', KEYS[2 + at]) == 1 then heads(KEYS[at], KEYS[2 + at], ARGV[1 + at], due) end
end
return due
`

/** KEYS: the lines that there are. ARGV: prefix of places, prefix of lines, limits. */
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

/** Slots as sorted sets in Redis; each is renewed while it is held. */
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
    async take(request) {
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
    async leave(run) {
      await Promise.all((await readWaitingNames()).map((name) => redis.zrem(waitingPrefix + name, run)))
    },
    due: async () => (await due(waitingIndexKey, slotsPrefix, waitingPrefix, perNode, perCluster)) as string[],
    async lines(maxPerList) {
      const reads = (await readWaitingNames()).map(async (name) => {
        const runs = await redis.zrange(waitingPrefix + name, '0', String(maxPerList - 1))
        const busy: SlotKind = name.startsWith('node:') ? 'node' : 'cluster'
        return runs.map((run, before) => ({ run, busy, before }))
      })
      return (await Promise.all(reads)).flat()
    },
  }
}

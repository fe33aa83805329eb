import type { Redis } from 'ioredis'
import { nodeExec } from '#dev/dev-cluster/node'
import { run } from '#dev/machine/run'
import { existingDebugPods } from '#test/environment/debug-pods'
import type { TestCluster } from '#test/environment/test-cluster'
import { waitUntil } from '#test/flow/wait-for'

/** Seconds in which everything of an ended session has to be gone. */
const goneSeconds = 90

/** Keys in which what is still to be done is listed, and how each is counted. */
const lists = {
  'retina:open-runs': 'scard',
  'retina:commands': 'scard',
  'retina:sessions': 'scard',
  'retina:sessions-ending': 'hlen',
  'retina:values:open-sessions:all': 'hlen',
} as const

export type WhereShellsWere = {
  redis: Redis
  /** Where the shells were: in containers of its node001; without it, on this machine. */
  cluster: TestCluster | undefined
}

/** Resolves with the keys in Redis that have no end. */
export async function lastingKeys(redis: Redis): Promise<Set<string>> {
  const keys = await redis.keys('*')
  const ends = await Promise.all(keys.map(async (key) => [key, await redis.pttl(key)] as const))
  return new Set(ends.flatMap(([key, ms]) => (ms === -1 ? [key] : [])))
}

/**
 * Waits until nothing of ended sessions is left, and resolves with what is left all the same, a line each. `before`: keys without an end that were
 * there before the sessions.
 */
export async function findLeftovers(
  { redis, cluster }: WhereShellsWere,
  ids: readonly string[],
  before: ReadonlySet<string>,
): Promise<string[]> {
  const find = async () => [
    ...(await processesOf(ids, cluster)).map((line) => `process: ${line}`),
    ...(cluster === undefined ? [] : await existingDebugPods(cluster)).map((name) => `pod: ${name}`),
    ...(await listed(redis)),
    ...[...(await lastingKeys(redis))].filter((key) => !before.has(key)).map((key) => `key without an end: ${key}`),
  ]
  let left: string[] = []
  const isGone = async () => {
    left = await find()
    return left.length === 0
  }
  await waitUntil('nothing is left', isGone, { seconds: goneSeconds }).catch(() => undefined)
  return left
}

/** Resolves with the command lines of processes with a session's id in them: its runner's, and what its shell left. */
async function processesOf(ids: readonly string[], cluster: TestCluster | undefined): Promise<string[]> {
  const ps = ['ps', '-eo', 'pid,args'] as const
  const lines = cluster === undefined ? await run('ps', ps.slice(1)) : await nodeExec('node001', ps)
  return lines.split('\n').filter((line) => ids.some((id) => line.includes(id)))
}

async function listed(redis: Redis): Promise<string[]> {
  const counts = await Promise.all(
    Object.entries(lists).map(async ([key, count]) => [key, await redis[count](key)] as const),
  )
  return counts.flatMap(([key, count]) => (count === 0 ? [] : [`${key} lists ${count}`]))
}

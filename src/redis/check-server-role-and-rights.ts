import type { Redis } from 'ioredis'
import type { Log } from '#core/ports/log'
import { errorMessage } from '#core/util/error-message'
import { poll } from '#core/util/retry'
import { type Info, parseInfo } from './info.ts'
import { neededCommands } from './needed-commands.ts'
import { redisScript } from './script.ts'

/** Key that the check writes, and a key and a channel of the kind that the program uses. */
const [checkedKey, anyKey, anyChannel] = ['retina:claim:health', 'retina:run:health', 'retina:cancel']

/**
 * Returns why the program can't work with this Redis, in one sentence with what to do; undefined where it can. Does what
 * the work does: a script that writes, with every command that the program and its queue need. Rejects where Redis
 * doesn't answer, or fails for another reason (a full disk).
 */
export async function whyUnusable(redis: Redis): Promise<string | undefined> {
  const info = parseInfo(await redis.info().catch(() => ''))
  return whyWrongKind(info) ?? whyFewRights(redis)
}

/**
 * Returns which rights the user of this Redis lacks, in one sentence with what to do; undefined where it has all. Rejects
 * where the check fails for another reason.
 */
export async function whyFewRights(redis: Redis): Promise<string | undefined> {
  try {
    const check = redisScript(redis, 'check-rights', 2)
    const denied = (await check(checkedKey, anyKey, anyChannel, ...neededCommands)) as string[]
    if (denied.length === 0) return undefined
    return lacksRights(userOf(redis), `the commands ${denied.join(', ')}`)
  } catch (error) {
    return explainRefusal(errorMessage(error), userOf(redis))
  }
}

/** Returns what is wrong with the kind of Redis: a Cluster, or a replica. */
function whyWrongKind(info: Info): string | undefined {
  if (info.get('redis_mode') === 'cluster' || info.get('cluster_enabled') === '1')
    return 'it is a Redis Cluster, over which keys are spread: name a single Redis or Sentinels in REDIS_URL'
  if (info.get('role') !== 'slave') return undefined
  const primary = `${info.get('master_host')}:${info.get('master_port')}`
  return `it is a replica of ${primary} and refuses writes: name its primary, or the Sentinels, in REDIS_URL`
}

/** Explains an error of the script by what Redis refused; throws an error that is no refusal. */
function explainRefusal(message: string, user: string): string {
  const isRefusal = message.startsWith('NOPERM')
  const command = / '([a-z|]{1,40})' command/.exec(message)?.[1]
  if (isRefusal && command !== undefined) return lacksRights(user, `the command ${command.toUpperCase()}`)
  if (isRefusal && message.includes(' key')) return lacksRights(user, 'the keys retina:*')
  throw new Error(message)
}

function lacksRights(user: string, what: string): string {
  return `its user ${user} has too few rights: it lacks ${what}; give it all that is needed: ACL SETUSER ${user} ~retina:* &retina:* +@all -@dangerous +info +client|list`
}

/** Returns the user that the address names. */
function userOf(redis: Redis): string {
  return redis.options.username ?? 'default'
}

/** Waits until Redis is one that can be used, and logs each reason against it once. Other failures are left to the checks. */
export async function waitUntilUsable(
  redis: Redis,
  log: Log,
  { redisRetryMs }: { redisRetryMs: number },
): Promise<void> {
  let logged: string | undefined
  await poll(
    () => whyUnusable(redis).catch(() => undefined),
    (why) => {
      if (why === undefined) return undefined
      if (why !== logged) log.error({ why }, `Redis can't be used: ${why}`)
      logged = why
      return redisRetryMs
    },
  )
}

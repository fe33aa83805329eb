import { Redis } from 'ioredis'
import { errorText, type Finding, failed, notChecked, ok, warning } from '#core/doctor/finding'
import type { StoredValue } from '#core/ports/store'
import type { Pause } from '#core/runs/pause'
import { whyFewRights } from './check-server-role-and-rights.ts'
import type { Secrets } from './derived-key.ts'
import { signerFor } from './hmac-signer.ts'
import { type Info, parseInfo, usedBytesOf } from './info.ts'
import { sentinelsOf } from './parse-sentinel-url.ts'
import { redisSignedValues } from './store/signed-values.ts'

/** Time limit for Redis to answer. */
const connectTimeoutMs = 5_000

const cli = 'redis-cli -u "$REDIS_URL"'

export type RedisDiagnosis = {
  findings: readonly Finding[]
  /** Redis' clock, in ms since 1970, and when that was read here. */
  time?: { there: number; here: number }
  /** The stored pause of all runs; left out where it can't be read. */
  pause?: { stored: StoredValue<Pause> }
}

/** Checks Redis by its own answers. `secret`: with which stored values are signed. */
export async function diagnoseRedis(url: string, secret: Secrets): Promise<RedisDiagnosis> {
  const options = { lazyConnect: true, retryStrategy: () => null, connectTimeout: connectTimeoutMs }
  const sentinels = sentinelsOf(url)
  const redis =
    sentinels === undefined
      ? new Redis(url, options)
      : new Redis({ ...options, ...sentinels, sentinelRetryStrategy: () => null })
  let connectionError: Error | undefined
  redis.on('error', (error: Error) => {
    connectionError ??= error
  })
  try {
    await redis.connect()
    const info = parseInfo(await redis.info().catch(ifRefused))
    const save = await readSetting(redis, 'save')
    const sentAt = Date.now()
    const [seconds, micros] = await redis.time()
    const here = (sentAt + Date.now()) / 2
    const given = { signer: signerFor(secret, 'values'), prefix: 'retina', now: Date.now, report: () => undefined }
    const pause = await redisSignedValues(redis, given)
      .getValue('pause', 'current')
      .then(
        (stored) => ({ pause: { stored } }),
        () => ({}),
      )
    return {
      findings: [ok('Redis connection', 'answers'), ...judgeRedis(info, save), ...(await judgeRights(redis, info))],
      time: { there: Number(seconds) * 1_000 + Number(micros) / 1_000, here },
      ...pause,
    }
  } catch (error) {
    return { findings: [explainFailure(connectionError ?? error)] }
  } finally {
    redis.disconnect()
  }
}

/** Returns an empty answer where the user may not run INFO. */
function ifRefused(error: Error): string {
  if (error.message.startsWith('NOPERM')) return ''
  throw error
}

/** Judges the rights of the user, where the role and the kind of Redis let it do the work. */
async function judgeRights(redis: Redis, info: Info): Promise<Finding[]> {
  const name = 'Redis rights'
  if ([judgeRole(info), judgeMode(info)].some(({ state }) => state === 'failed')) return []
  try {
    const why = await whyFewRights(redis)
    if (why === undefined) return [ok(name, 'its user may do all that is needed')]
    const [problem = why, rules = ''] = why.split('; give it all that is needed: ')
    return [failed(name, problem, `as an administrator: ${cli} ${rules}`)]
  } catch (error) {
    return [notChecked(name, errorText(error), `${cli} ACL WHOAMI`)]
  }
}

function explainFailure(error: unknown): Finding {
  const why = errorText(error)
  const isPassword = /NOAUTH|WRONGPASS|invalid password|without any password/i.test(why)
  const mend = isPassword
    ? 'put the right password into REDIS_URL: redis://:PASSWORD@HOST:6379'
    : `start it, or name the right one in REDIS_URL; try: ${cli} ping`
  return failed('Redis connection', why, mend)
}

/** Returns a value of Redis' configuration; undefined where it may not be read, as in many managed ones. */
async function readSetting(redis: Redis, name: string): Promise<string | undefined> {
  const pair = await redis.config('GET', name).catch(() => undefined)
  return Array.isArray(pair) ? String(pair[1] ?? '') : undefined
}

/** Judges Redis by INFO, and by its setting `save`; undefined where that may not be read. */
export function judgeRedis(info: Info, save: string | undefined): Finding[] {
  return [
    judgeVersion(info),
    judgeRole(info),
    judgeMode(info),
    judgePersistence(info, save),
    judgeEviction(info),
    judgeMemory(info),
  ]
}

/** First version with `EXPIRE … NX`. */
const minVersion = 7

function judgeVersion(info: Info): Finding {
  const name = 'Redis version'
  const version = info.get('redis_version') ?? ''
  if (Number.parseInt(version, 10) >= minVersion) return ok(name, version)
  if (version === '') return notChecked(name, 'it does not tell', `it has to be ${minVersion} or later`)
  return failed(name, `${version} is too old`, `upgrade it to Redis ${minVersion}.0 or Valkey 7.2, or later`)
}

function judgeRole(info: Info): Finding {
  const name = 'Redis role'
  const role = info.get('role')
  if (role === 'master') return ok(name, 'primary')
  if (role === undefined) return notChecked(name, 'it does not tell', 'it has to be a primary')
  const primary = `${info.get('master_host')}:${info.get('master_port')}`
  const mend = `name its primary ${primary} in REDIS_URL, or the Sentinels (redis+sentinel://…); or make it one: ${cli} REPLICAOF NO ONE`
  return failed(name, `it is a replica of ${primary}, and refuses writes`, mend)
}

function judgeMode(info: Info): Finding {
  const name = 'Redis Cluster'
  if (info.get('redis_mode') !== 'cluster' && info.get('cluster_enabled') !== '1') return ok(name, 'it is none')
  const mend = 'name a single Redis or Sentinels in REDIS_URL: keys of one run have to be on one server'
  return failed(name, 'it is a Redis Cluster, over which keys are spread', mend)
}

function judgePersistence(info: Info, save: string | undefined): Finding {
  const name = 'Redis persistence'
  const error = [...info].find(
    ([key, value]) => /^(aof_last_write|rdb_last_bgsave)_status$/.test(key) && value !== 'ok',
  )
  if (error !== undefined)
    return failed(name, `the last write to its disk failed (${error.join(': ')})`, 'look at its disk and its log')
  const enable = `${cli} CONFIG SET appendonly yes, and "appendonly yes" in its configuration`
  if (info.get('aof_enabled') === '1') return ok(name, 'append-only file')
  if (info.get('aof_enabled') === undefined || save === undefined)
    return notChecked(name, 'it does not tell', 'ask your provider for the append-only file (AOF)')
  if (save !== '') return warning(name, 'snapshots only: a restart loses the newest minutes', enable)
  return failed(name, 'a restart loses everything: runs, approvals and the audit log', enable)
}

function judgeEviction(info: Info): Finding {
  const name = 'Redis eviction'
  const policy = info.get('maxmemory_policy')
  if (policy === 'noeviction') return ok(name, policy)
  if (policy === undefined) return notChecked(name, 'it does not tell', 'maxmemory-policy has to be noeviction')
  return failed(
    name,
    `maxmemory-policy is ${policy}, which drops runs`,
    `${cli} CONFIG SET maxmemory-policy noeviction`,
  )
}

/** Percentages of `maxmemory`. */
const memoryLimits = { warning: 80, failed: 95 }

function judgeMemory(info: Info): Finding {
  const name = 'Redis memory'
  const limit = Number(info.get('maxmemory') ?? Number.NaN)
  const used = usedBytesOf(info)
  if (Number.isNaN(limit) || Number.isNaN(used)) return notChecked(name, 'it does not tell', `${cli} INFO memory`)
  if (limit === 0) return ok(name, `${toMegabytes(used)} MB, without a limit`)
  const percent = Math.round((used / limit) * 100)
  const message = `${percent} % of maxmemory are used`
  if (percent < memoryLimits.warning) return ok(name, message)
  const mend = `${cli} CONFIG SET maxmemory ${toMegabytes(limit * 2)}mb, where the machine has that`
  return percent < memoryLimits.failed ? warning(name, message, mend) : failed(name, message, mend)
}

function toMegabytes(bytes: number): number {
  return Math.max(1, Math.round(bytes / 1_000_000))
}

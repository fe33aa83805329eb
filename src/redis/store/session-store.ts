import type { Redis } from 'ioredis'
import type { Signer } from '#core/ports/signing'
import type { Session, SessionEnd, SessionRef, Sessions } from '#core/sessions/session'

/** Only where the record is still the one that was meant. */
const forgetScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`
const touchScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('EXPIRE', KEYS[1], ARGV[2])
`
/** Answers what stood there before. */
const saveScript = `
redis.call('SADD', KEYS[2], ARGV[3])
return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2], 'GET')
`

type Ending = SessionRef & SessionEnd & { patient: boolean }

/** Sessions in Redis, each under its key for as long as it stands ready. */
export function redisSessionStore(redis: Redis, signer: Signer, prefix = 'retina'): Sessions {
  const name = (key: string) => `session:${key}`
  const keyOf = (key: string) => `${prefix}:${name(key)}`
  const indexKey = `${prefix}:sessions`
  const endingKey = `${prefix}:sessions-ending`
  const sign = ({ key, session }: SessionRef) => signer.sign(name(key), JSON.stringify(session))
  const open = (key: string, text: string) => {
    const signed = signer.open(name(key), text)
    return signed === undefined ? 'forged' : (JSON.parse(signed) as Session)
  }
  const forget = async (place: SessionRef) => (await redis.eval(forgetScript, 1, keyOf(place.key), sign(place))) === 1
  const toEnd = async (ending: Ending) => {
    const id = ending.session.run
    await redis.hset(endingKey, id, signer.sign(`session-end:${id}`, JSON.stringify(ending)))
  }

  return {
    forget,
    async find(key, idle) {
      const text = await redis.getex(keyOf(key), 'EX', idle)
      return text === null ? undefined : open(key, text)
    },
    async save(place, idle) {
      const before = await redis.eval(saveScript, 2, keyOf(place.key), indexKey, sign(place), idle, place.key)
      const session = typeof before === 'string' ? open(place.key, before) : undefined
      return session === 'forged' ? undefined : session
    },
    touch: async (place, idle) => (await redis.eval(touchScript, 1, keyOf(place.key), sign(place), idle)) === 1,
    async end(place, how) {
      // Noted first: one that is noted and stands still is ended all the same.
      await toEnd({ ...place, ...how, patient: false })
      if (await forget(place)) return true
      await redis.hdel(endingKey, place.session.run)
      return false
    },
    retire: (place, how) => toEnd({ ...place, ...how, patient: true }),
    async all() {
      const keys = await redis.smembers(indexKey)
      const texts = keys.length === 0 ? [] : await redis.mget(keys.map(keyOf))
      const gone = keys.filter((_key, at) => texts[at] === null)
      if (gone.length > 0) await redis.srem(indexKey, ...gone)
      return keys.flatMap((key, at) => {
        const text = texts[at]
        return text === undefined || text === null ? [] : [{ key, session: open(key, text) }]
      })
    },
    async ending() {
      const entries = Object.entries(await redis.hgetall(endingKey))
      return entries.flatMap(([id, text]) => {
        const signed = signer.open(`session-end:${id}`, text)
        return signed === undefined ? [] : [{ ...(JSON.parse(signed) as Ending), id }]
      })
    },
    async ended(id) {
      await redis.hdel(endingKey, id)
    },
    write: (run, place) => signer.sign(`place:${run}`, JSON.stringify(place)),
    read({ id, place }) {
      if (place === undefined) return undefined
      const signed = signer.open(`place:${id}`, place)
      return signed === undefined ? 'forged' : (JSON.parse(signed) as SessionRef)
    },
  }
}

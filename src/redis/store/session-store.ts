import type { Redis } from 'ioredis'
import type { Sessions } from '#core/ports/sessions'
import type { Signer } from '#core/ports/signing'
import type { Session, SessionEnd, SessionRef } from '#core/sessions/session'
import { redisScript } from '#src/redis/script'
import type { ReportBroken } from './signed-values.ts'

type EndingSession = SessionRef & SessionEnd & { patient: boolean }

/** Stores sessions in Redis, each under its key until its idle timeout ends. */
export function redisSessionStore(
  redis: Redis,
  { signer, report = () => undefined, prefix = 'retina' }: { signer: Signer; report?: ReportBroken; prefix?: string },
): Sessions {
  const forgetRecord = redisScript(redis, 'forget-session', 1)
  const saveRecord = redisScript(redis, 'save-session', 2)
  const touchRecord = redisScript(redis, 'touch-session', 1)
  const name = (key: string) => `session:${key}`
  const keyOf = (key: string) => `${prefix}:${name(key)}`
  const indexKey = `${prefix}:sessions`
  const endingKey = `${prefix}:sessions-ending`
  const sign = ({ key, session }: SessionRef) => signer.sign(name(key), JSON.stringify(session))
  const open = (key: string, text: string) => {
    const signed = signer.verify(name(key), text)
    if (signed !== undefined) return JSON.parse(signed) as Session
    report(keyOf(key), text)
    return 'forged'
  }
  const formsOf = ({ key, session }: SessionRef) => signer.forms(name(key), JSON.stringify(session))
  const forget = async (ref: SessionRef) => (await forgetRecord(keyOf(ref.key), ...formsOf(ref))) === 1
  const markForEnding = async (ending: EndingSession) => {
    const id = ending.session.run
    await redis.hset(endingKey, id, signer.sign(`session-end:${id}`, JSON.stringify(ending)))
  }

  return {
    forget,
    async find(key, idleSeconds) {
      const text = await redis.getex(keyOf(key), 'EX', idleSeconds)
      return text === null ? undefined : open(key, text)
    },
    async save(ref, idleSeconds) {
      const previous = await saveRecord(keyOf(ref.key), indexKey, sign(ref), idleSeconds, ref.key)
      const session = typeof previous === 'string' ? open(ref.key, previous) : undefined
      return session === 'forged' ? undefined : session
    },
    touch: async (ref, idleSeconds) => (await touchRecord(keyOf(ref.key), idleSeconds, ...formsOf(ref))) === 1,
    async end(ref, reason) {
      // Marks the session first: if this process dies before it deletes the record, a worker ends the container anyway.
      await markForEnding({ ...ref, ...reason, patient: false })
      if (await forget(ref)) return true
      await redis.hdel(endingKey, ref.session.run)
      return false
    },
    retire: (ref, reason) => markForEnding({ ...ref, ...reason, patient: true }),
    async all() {
      const keys = await redis.smembers(indexKey)
      const texts = keys.length === 0 ? [] : await redis.mget(keys.map(keyOf))
      const expired = keys.filter((_key, at) => texts[at] === null)
      if (expired.length > 0) await redis.srem(indexKey, ...expired)
      return keys.flatMap((key, at) => {
        const text = texts[at]
        return text === undefined || text === null ? [] : [{ key, session: open(key, text) }]
      })
    },
    async ending() {
      const entries = Object.entries(await redis.hgetall(endingKey))
      return entries.flatMap(([id, text]) => {
        const signed = signer.verify(`session-end:${id}`, text)
        if (signed !== undefined) return [{ ...(JSON.parse(signed) as EndingSession), id }]
        report(`${endingKey} ${id}`, text)
        return []
      })
    },
    async ended(id) {
      await redis.hdel(endingKey, id)
    },
    write: (run, ref) => signer.sign(`place:${run}`, JSON.stringify(ref)),
    read({ id, place }) {
      if (place === undefined) return undefined
      const signed = signer.verify(`place:${id}`, place)
      return signed === undefined ? 'forged' : (JSON.parse(signed) as SessionRef)
    },
  }
}

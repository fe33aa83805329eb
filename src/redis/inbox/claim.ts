import type { Redis } from 'ioredis'
import type { Accepted, Held } from '#core/ports/inbox'
import type { Log } from '#core/ports/log'
import type { Signer } from '#core/ports/signing'
import type { Leases } from './leases.ts'
import { doneScript, noteScript } from './scripts.ts'

/** Where a command stands in Redis. */
export type Keys = ReturnType<typeof keysOf>

export function keysOf(prefix: string) {
  return {
    prefix,
    all: `${prefix}:commands`,
    command: (id: string) => `${prefix}:command:${id}`,
    lease: (id: string) => `${prefix}:command-lease:${id}`,
    claim: (id: string) => `${prefix}:claim:${id}`,
  }
}

export type Parts = { redis: Redis; keys: Keys; leases: Leases; signer: Signer; log: Log }

/** Who holds it since when (of `performance.now()`), and what was noted of it before. */
export type Holding = {
  holder: string
  since: number
  as: Held['as']
  fields?: ReadonlyMap<string, string>
  /** What Redis answers to the acceptance, where that is under way. */
  accepted?: Promise<unknown>
}

/** A command in the hands of this process. */
export function hold({ redis, keys, leases, signer, log }: Parts, { id, inbound }: Accepted, holding: Holding): Held {
  const { holder, since, as, fields, accepted } = holding
  const lease = leases.take(id, holder, since, accepted)
  const stepKey = (step: string) => `${keys.command(id)}:${step}`
  const noted = new Map<string, unknown>()
  return {
    id,
    inbound,
    as,
    ours: lease.ours,
    noted(step) {
      if (noted.has(step)) return noted.get(step)
      const text = signer.open(stepKey(step), fields?.get(`step:${step}`))
      return text === undefined ? undefined : JSON.parse(text)
    },
    async note(step, value) {
      noted.set(step, value)
      const text = signer.sign(stepKey(step), JSON.stringify(value))
      await redis.eval(noteScript, 1, keys.command(id), holder, `step:${step}`, text).catch((error: unknown) => {
        log.warn({ command: id, step, error: String(error) }, 'a step could not be noted')
      })
    },
    async done() {
      lease.leave()
      await redis.eval(doneScript, 3, keys.command(id), keys.lease(id), keys.all, id, holder)
    },
    leave: lease.leave,
  }
}

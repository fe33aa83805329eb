import type { AcceptedCommand, CommandLease } from '#core/ports/inbox'
import type { Log } from '#core/ports/log'
import type { Signer } from '#core/ports/signing'
import type { Leases } from './leases.ts'
import type { InboxScripts } from './scripts.ts'

/** Keys of commands in Redis. */
export type InboxKeys = ReturnType<typeof inboxKeys>

export function inboxKeys(prefix: string) {
  return {
    prefix,
    all: `${prefix}:commands`,
    command: (id: string) => `${prefix}:command:${id}`,
    lease: (id: string) => `${prefix}:command-lease:${id}`,
    claim: (id: string) => `${prefix}:claim:${id}`,
  }
}

export type InboxParts = {
  scripts: InboxScripts
  keys: InboxKeys
  leases: Leases
  signer: Signer
  log: Log
  alarm: (subject: string, why: string) => void
}

/** Holder of a command, since when (ms, of `performance.now()`), and the stored fields with the steps saved before. */
export type LeaseOrigin = {
  holder: string
  since: number
  as: CommandLease['as']
  fields?: ReadonlyMap<string, string>
  /** Pending result of the accept script, if it was sent: 1 where this holder has the command. */
  accepted?: Promise<unknown>
}

/** Creates the lease of a command that this process has accepted or taken over. */
export function createLease(
  { scripts, keys, leases, signer, log, alarm }: InboxParts,
  { id, inbound }: AcceptedCommand,
  origin: LeaseOrigin,
): CommandLease {
  const { holder, since, as, fields, accepted } = origin
  const lease = leases.track(id, holder, since, accepted)
  const stepKey = (step: string) => `${keys.command(id)}:${step}`
  const savedSteps = new Map<string, unknown>()
  return {
    id,
    inbound,
    as,
    assertOwned: lease.assertOwned,
    savedStep(step) {
      if (savedSteps.has(step)) return savedSteps.get(step)
      const stored = fields?.get(`step:${step}`)
      const text = signer.verify(stepKey(step), stored)
      if (stored !== undefined && text === undefined) alarm(stepKey(step), 'its signature is invalid')
      return text === undefined ? undefined : JSON.parse(text)
    },
    async saveStep(step, value) {
      savedSteps.set(step, value)
      const text = signer.sign(stepKey(step), JSON.stringify(value))
      await scripts.saveStep(keys.command(id), holder, `step:${step}`, text).catch((error: unknown) => {
        log.warn({ command: id, step, error: String(error) }, 'a step could not be saved')
      })
    },
    async ack() {
      lease.stop()
      await scripts.ack(keys.command(id), keys.lease(id), keys.all, id, holder)
    },
    release: lease.stop,
  }
}

import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { isStoreFull, type NotAccepted } from '#core/messages/store-unavailable-message'
import type { InboundCommand } from '#core/ports/chat'
import type { AcceptedCommand, CommandInbox, CommandLease } from '#core/ports/inbox'
import type { Log } from '#core/ports/log'
import { NewerFormatError, type Signer } from '#core/ports/signing'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { withTimeout } from '#core/util/timeout'
import { createLease, type InboxParts, inboxKeys } from './command-lease.ts'
import { createLeases } from './leases.ts'
import { inboxScripts } from './scripts.ts'

/**
 * Seconds that a command's id is stored: platforms deliver a command again for minutes, and replays are refused after
 * five minutes.
 */
const claimSeconds = 24 * 3_600

/**
 * Seconds in which a second press of the same button counts as the same press: a double click, or a repeated delivery.
 */
const doublePressSeconds = 3

/** Commands abandoned while Redis is away that are removed from it when it is back. */
const maxPendingAbandons = 1_000

export type InboxOptions = {
  signer: Signer
  log: Log
  /** Reports a command that something other than this program wrote. */
  alarm?: (subject: string, why: string) => void
  prefix?: string
  timing?: Pick<Timing, 'acceptTimeoutMs' | 'commandLeaseMs'>
}

/**
 * Stores accepted commands in Redis: each is a hash with its text, its holder and its saved steps, beside a lease that
 * expires.
 */
export function redisInbox(
  redis: Redis,
  { signer, log, alarm = () => undefined, prefix = 'retina', timing = defaultTiming }: InboxOptions,
): CommandInbox {
  const keys = inboxKeys(prefix)
  const scripts = inboxScripts(redis)
  const leases = createLeases(scripts, keys.command(''), keys.lease(''), timing.commandLeaseMs)
  const parts: InboxParts = { scripts, keys, leases, signer, log, alarm }
  const isReady = createReadinessCheck(redis)
  const abandon = createAbandon(parts)
  const processId = randomUUID()
  let serial = 0
  const newHolder = () => {
    serial += 1
    return `${processId}.${serial}`
  }
  return {
    async accept(command, press) {
      const holder = newHolder()
      const answer = await storeCommand(
        { ...parts, isReady, acceptTimeoutMs: timing.acceptTimeoutMs },
        holder,
        command,
        press,
      ).catch((error: unknown): NotAccepted => {
        log.warn({ command: command.id, error: String(error) }, 'a command could not be stored')
        return isStoreFull(error) ? 'full' : 'away'
      })
      if (answer === 'away' || answer === 'full') abandon(command.id, holder)
      return answer
    },
    async takeOver(maxCommands) {
      const [holder, since] = [newHolder(), performance.now()]
      const values = [holder, leases.milliseconds, maxCommands, keys.command(''), keys.lease('')]
      const taken = (await scripts.takeOver(keys.all, ...values)) as [string, string[]][]
      return taken.flatMap(([id, flat]) => openTakenOver(parts, id, flat, { holder, since }) ?? [])
    },
    close: leases.close,
  }
}

async function storeCommand(
  parts: InboxParts & Pick<Timing, 'acceptTimeoutMs'> & { isReady: (timeoutMs: number) => Promise<boolean> },
  holder: string,
  command: AcceptedCommand,
  press: string | undefined,
): Promise<CommandLease | NotAccepted | 'duplicate'> {
  const { scripts, keys, signer, leases, isReady, acceptTimeoutMs } = parts
  const { id, inbound } = command
  const startedAt = performance.now()
  // Waits for the connection: a command queued in the client would be sent whenever Redis is back, however late.
  if (!(await isReady(acceptTimeoutMs))) return 'away'
  const text = signer.sign(keys.command(id), JSON.stringify(inbound))
  const pressClaim = keys.claim(press ?? id)
  const names = [keys.claim(id), keys.command(id), keys.lease(id), keys.all, pressClaim]
  const values = [id, holder, text, claimSeconds, leases.milliseconds, doublePressSeconds]
  const since = performance.now()
  const stored = scripts.store(...names, ...values)
  const answer = await withTimeout(acceptTimeoutMs - (since - startedAt), stored)
  if (answer !== 'kept') return answer === 'duplicate' ? 'duplicate' : 'away'
  // Sent before the adapter can acknowledge, and not awaited here: the handler awaits it.
  const accepted = scripts.accept(keys.command(id), holder)
  // The connection writes all commands of one turn of the event loop at its end.
  await new Promise<void>((resolve) => process.nextTick(resolve))
  return createLease(parts, command, { holder, since, as: 'new', accepted })
}

/**
 * Returns a function that abandons a command that was not accepted, so that it is never accepted later: what still
 * reaches Redis is deleted, or remains `unsure`.
 */
function createAbandon({ scripts, keys }: InboxParts) {
  let pending = 0
  return (id: string, holder: string): void => {
    if (pending >= maxPendingAbandons) return
    pending += 1
    const names = [keys.claim(id), keys.command(id), keys.lease(id), keys.all]
    scripts
      .abandon(...names, id, holder, claimSeconds)
      .catch(() => undefined)
      .finally(() => {
        pending -= 1
      })
  }
}

/** Opens a command that was taken over. Deletes one that no bot has signed, and returns undefined. */
function openTakenOver(
  parts: InboxParts,
  id: string,
  flat: readonly string[],
  by: { holder: string; since: number },
): CommandLease | undefined {
  const { scripts, keys, alarm } = parts
  const fields = new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : [])))
  const verified = verifyCommand(parts, id, fields.get('text'))
  // A newer bot takes it over as soon as this lease expires.
  if (verified === 'newer') return undefined
  const { text } = verified
  if (text !== undefined) {
    const command = { id, inbound: JSON.parse(text) as InboundCommand }
    return createLease(parts, command, { ...by, as: fields.has('unsure') ? 'unsure' : 'again', fields })
  }
  alarm(keys.command(id), 'its signature is invalid')
  void scripts.ack(keys.command(id), keys.lease(id), keys.all, id, by.holder).catch(() => undefined)
  return undefined
}

/** Returns the text of a command, if a bot has signed it; `newer` where that was a bot of a newer version. */
function verifyCommand({ keys, signer, log }: InboxParts, id: string, text: string | undefined) {
  try {
    return { text: signer.verify(keys.command(id), text) }
  } catch (error) {
    if (!(error instanceof NewerFormatError)) throw error
    log.error({ command: id, error: error.message }, 'a command of a newer version is left to its bots')
    return 'newer' as const
  }
}

/**
 * Returns a function that waits until Redis accepts commands, and returns false where that takes more than `timeoutMs`.
 * Concurrent calls share one listener.
 */
function createReadinessCheck(redis: Redis): (timeoutMs: number) => Promise<boolean> {
  let ready: Promise<true> | undefined
  return async (timeoutMs) => {
    if (redis.status === 'ready') return true
    ready ??= new Promise((resolve) => {
      redis.once('ready', () => {
        ready = undefined
        resolve(true)
      })
    })
    return (await withTimeout(timeoutMs, ready)) ?? false
  }
}

import { LeaseLostError } from '#core/ports/inbox'
import { delay } from '#core/util/delay'
import { withTimeout } from '#core/util/timeout'
import type { InboxScripts } from './scripts.ts'

/** Milliseconds to wait after a renewal that Redis refused. */
const renewalRetryMs = 200

type Lease = { holder: string; renewedAt: number; lost: boolean; accepted: Promise<unknown> | undefined }

export type Leases = {
  milliseconds: number
  /**
   * Renews a lease that was requested at `since` (ms, of `performance.now()`). `accepted`: pending result of the accept
   * script, 1 where this holder has the command. `ours` resolves while the lease is valid, and throws `LeaseLostError`
   * otherwise; `leave` ends the renewal.
   */
  track: (
    id: string,
    holder: string,
    since: number,
    accepted?: Promise<unknown>,
  ) => { assertOwned: () => Promise<void>; stop: () => void }
  close: () => Promise<void>
}

/** Manages the leases of all commands of this process, each for `leaseMs`, and renews them together. */
export function createLeases(
  scripts: Pick<InboxScripts, 'renew' | 'release'>,
  commandPrefix: string,
  leasePrefix: string,
  leaseMs: number,
): Leases {
  const renewalIntervalMs = leaseMs / 4
  // A lease renewed within this time is certainly still valid.
  const safeMs = leaseMs - renewalIntervalMs
  const leases = new Map<string, Lease>()
  let timer: NodeJS.Timeout | undefined
  let renewing: Promise<void> | undefined
  let closed = false

  const renewAll = async () => {
    const sent = performance.now()
    const entries = [...leases]
    const pairs = entries.flatMap(([id, { holder }]) => [id, holder])
    try {
      const answers = (await scripts.renew(leaseMs, commandPrefix, leasePrefix, ...pairs)) as number[]
      for (const [at, [id, lease]] of entries.entries()) {
        if (answers[at] === 1) lease.renewedAt = sent
        else drop(id, lease)
      }
    } catch {
      await delay(renewalRetryMs)
    }
  }
  const renew = () => {
    renewing ??= renewAll().finally(() => {
      renewing = undefined
    })
    return renewing
  }
  const drop = (id: string, lease: Lease) => {
    lease.lost = true
    if (leases.get(id) === lease) leases.delete(id)
    if (leases.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  const releaseLease = ([id, { holder }]: [string, Lease]) =>
    scripts.release(`${commandPrefix}${id}`, `${leasePrefix}${id}`, holder)

  return {
    milliseconds: leaseMs,
    track(id, holder, since, accepted) {
      const lease: Lease = { holder, renewedAt: since, lost: false, accepted }
      accepted?.catch(() => undefined)
      // An earlier lease of the same command may have expired in this process too.
      const previous = leases.get(id)
      if (previous !== undefined) previous.lost = true
      leases.set(id, lease)
      timer ??= setInterval(() => void renew(), renewalIntervalMs).unref()
      if (closed) {
        // The command was accepted all the same: releases it, so that another bot continues with it at once.
        drop(id, lease)
        releaseLease([id, lease]).catch(() => undefined)
      }
      return {
        async assertOwned() {
          if (lease.accepted !== undefined && (await lease.accepted) !== 1) drop(id, lease)
          lease.accepted = undefined
          // A process that was suspended for long renews before it continues.
          while (!lease.lost && performance.now() - lease.renewedAt > safeMs) await renew()
          if (lease.lost) throw new LeaseLostError(id)
        },
        stop: () => drop(id, lease),
      }
    },
    async close() {
      closed = true
      const remaining = [...leases]
      for (const [id, lease] of remaining) drop(id, lease)
      await withTimeout(1_000, Promise.allSettled(remaining.map(releaseLease)))
    },
  }
}

import type { Platform } from '#core/people/principal'
import type { ChatAdapter } from '#core/ports/chat'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'
import { lookUp } from '#core/request/destinations'
import type { House } from '#src/bot/context'
import { chartPng } from '#src/charts/png'
import type { Records } from '#src/lifecycle/audit-backfill'
import { catalogue } from '#src/tools/index'
import type { WorkerHouse } from '#src/worker/context'
import { addressesOf } from './dns.ts'
import { hashOf } from './hash.ts'
import type { Parts } from './infrastructure.ts'
import type { Metrics } from './metrics.ts'
import type { Rulebook } from './policy-file.ts'
import { version } from './version.ts'

export type Ingredients = Parts & {
  adapters: ReadonlyMap<Platform, ChatAdapter>
  directory: Directory
  log: Log
  metrics: Metrics
  rulebook: Rulebook
}

export function botHouse(from: Ingredients): House {
  const {
    adapters,
    directory,
    clusters,
    queue,
    store,
    intake,
    sessions,
    cancelBus,
    log,
    span,
    timing,
    metrics,
    rulebook,
  } = from
  return {
    version,
    adapters,
    directory,
    clusters,
    rules: rulebook.rules,
    catalogue,
    queue,
    store,
    intake,
    sessions,
    cancelBus,
    log,
    span,
    timing,
    now: from.now,
    locate: locateFor(rulebook),
    images: rulebook.images,
    count: metrics.count,
    hash: hashOf,
    ...(from.passkeys === undefined ? {} : { passkeys: from.passkeys }),
    ...(from.pages === undefined ? {} : { pages: from.pages }),
    ...from.sealer,
    ...recordsOf(from),
  }
}

export function workerHouse(from: Ingredients): WorkerHouse {
  const { adapters, directory, clusters, queue, store, sessions, cancelBus, log, span, timing, metrics, rulebook } =
    from
  const policy = () => rulebook.rules().policy
  return {
    adapters,
    directory,
    clusters,
    policy,
    redact: () => rulebook.rules().redact,
    catalogue,
    queue,
    store,
    sessions,
    keep: () => rulebook.rules().keep,
    cancelBus,
    log,
    span,
    timing,
    now: from.now,
    locate: locateFor(rulebook),
    images: rulebook.images,
    picture: chartPng,
    ended: metrics.ended,
    hash: hashOf,
    ...from.sealer,
    ...recordsOf(from),
  }
}

/** Names are looked up only where something is denied. */
function locateFor(rulebook: Rulebook): House['locate'] {
  return async (destinations) =>
    rulebook.rules().policy.sets.some(({ deny }) => deny.length > 0) ? lookUp(destinations, addressesOf) : destinations
}

function recordsOf({ audit, now }: Pick<Parts, 'audit' | 'now'>): Records {
  return {
    audit: (what, run, person, details) => audit.append({ at: now().toISOString(), what, run, person, details }),
    unrecorded: audit.lacking,
  }
}

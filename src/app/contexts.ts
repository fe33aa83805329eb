import { createRedactor } from '#core/output/redact'
import type { Platform } from '#core/people/principal'
import type { ChatAdapter } from '#core/ports/chat'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'
import { resolveDestinations } from '#core/request/parse-destination'
import type { BotContext } from '#src/bot/context'
import { chartPng } from '#src/charts/png'
import type { AuditContext } from '#src/lifecycle/audit-backfill'
import { catalogue } from '#src/tools/index'
import type { WorkerContext } from '#src/worker/context'
import type { Infrastructure } from './infrastructure.ts'
import type { Metrics } from './metrics.ts'
import { checkReaders, playbooks } from './playbooks.ts'
import type { PolicyFile } from './policy-file.ts'
import { readSearchDomains, resolveHost, searchDomainsOf } from './resolve-host.ts'
import { hashOf } from './sha256.ts'
import { version } from './version.ts'

export type SharedContext = Infrastructure & {
  adapters: ReadonlyMap<Platform, ChatAdapter>
  directory: Directory
  log: Log
  metrics: Metrics
  rulebook: PolicyFile
}

export function createBotContext(from: SharedContext): BotContext {
  const {
    adapters,
    directory,
    clusters,
    queue,
    store,
    inbox: intake,
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
    orderedPause: () => rulebook.rules().paused,
    catalogue,
    queue,
    store,
    inbox: intake,
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
    playbooks,
    ...(from.passkeys === undefined ? {} : { passkeys: from.passkeys }),
    ...(from.pages === undefined ? {} : { pages: from.pages }),
    ...recordsOf(from),
  }
}

export function createWorkerContext(from: SharedContext): WorkerContext {
  const { adapters, directory, clusters, queue, store, sessions, cancelBus, log, span, timing, metrics, rulebook } =
    from
  const policy = () => rulebook.rules().policy
  return {
    adapters,
    directory,
    clusters,
    policy,
    redact: () => rulebook.rules().redact,
    orderedPause: () => rulebook.rules().paused,
    specDefaults: () => rulebook.rules().defaults,
    catalogue,
    queue,
    store,
    sessions,
    sessionIdleTimes: () => rulebook.rules().sessionIdleTimes,
    cancelBus,
    log,
    span,
    timing,
    now: from.now,
    resolveDestinations: locateFor(rulebook),
    images: rulebook.images,
    renderChart: chartPng,
    playbooks,
    checkReaders,
    observeStart: metrics.started,
    observeEnd: metrics.ended,
    observeApprovals: metrics.approvals,
    hash: hashOf,
    ...recordsOf(from),
  }
}

/** Creates `locate`, which looks host names up only where the policy denies any destination. */
function locateFor(rulebook: PolicyFile): BotContext['locate'] {
  return async (destinations, target) => {
    if (!rulebook.rules().policy.sets.some(({ deny }) => deny.length > 0)) return destinations
    const domains = searchDomainsOf(target, await readSearchDomains())
    return resolveDestinations(destinations, (name) => resolveHost(name, domains))
  }
}

/** Creates what writes audit records. They stay for good, so that no secret of a command, a reason or a mistake comes into one. */
function recordsOf({ audit, now, rulebook }: Pick<SharedContext, 'audit' | 'now' | 'rulebook'>): AuditContext {
  const hide = (details: Readonly<Record<string, string>>) => {
    const redactor = createRedactor(rulebook.rules().redact)
    return Object.fromEntries(Object.entries(details).map(([name, text]) => [name, redactor.peek(text)]))
  }
  return {
    audit: (what, run, person, details) =>
      audit.append({ at: now().toISOString(), what, run, person, details: hide(details) }),
    auditOnce: (what, run, person, details) =>
      audit.appendOnce({ at: now().toISOString(), what, run, person, details: hide(details) }),
    unrecorded: audit.runsWithout,
  }
}

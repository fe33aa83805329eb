import type { Platform } from '#core/people/platforms'
import type { ChatAdapter } from '#core/ports/chat'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'
import { resolveDestinations } from '#core/request/resolve-destinations'
import { defined } from '#core/util/defined'
import type { BotContext } from '#src/bot/context'
import { heatTablePng } from '#src/charts/heat-table-png'
import { chartPng } from '#src/charts/line-chart-png'
import { createAuditContext } from '#src/lifecycle/audit-writer'
import type { SharedContext } from '#src/lifecycle/shared-context'
import { catalogue } from '#src/tools/index'
import { runLinks } from '#src/web/run-page/links'
import type { WorkerContext } from '#src/worker/context'
import { hashOf } from './hash-of-value.ts'
import type { Infrastructure } from './infrastructure.ts'
import type { Metrics } from './metrics.ts'
import { checkReaders } from './playbooks.ts'
import type { PolicyFile } from './policy-file.ts'
import { replayFolder } from './replay-url-path.ts'
import { readSearchDomains, resolveHost, searchDomainsOf } from './resolve-host.ts'
import { version } from './version.ts'

/** Parts of the program from which contexts are made. */
export type ProgramParts = Infrastructure & {
  adapters: ReadonlyMap<Platform, ChatAdapter>
  directory: Directory
  log: Log
  metrics: Metrics
  rulebook: PolicyFile
  /** Present where people's browsers can reach sessions' pages. */
  terminal?: { url: URL }
}

export function createBotContext(parts: ProgramParts): BotContext {
  const { inbox, passkeys, pages, metrics, rulebook } = parts
  return {
    ...createSharedContext(parts),
    version,
    rules: rulebook.rules,
    inbox,
    count: metrics.count,
    countAlert: metrics.countAlert,
    readAuditBack: parts.audit.readBack,
    terminalBus: parts.terminalBus,
    artifacts: parts.artifacts,
    ...(parts.terminal === undefined
      ? {}
      : { replays: runLinks({ ...parts, ...parts.terminal, folder: replayFolder }) }),
    ...defined({ terminal: parts.terminal, passkeys, pages }),
  }
}

export function createWorkerContext(parts: ProgramParts): WorkerContext {
  const { metrics } = parts
  return {
    ...createSharedContext(parts),
    renderChart: chartPng,
    renderHeatTable: heatTablePng,
    observeStart: metrics.started,
    observeEnd: metrics.ended,
    observeApprovals: metrics.approvals,
  }
}

export function createSharedContext(parts: ProgramParts): SharedContext {
  const { adapters, directory, clusters, queue, store, sessions, cancelBus, log, span, timing, now, rulebook } = parts
  return {
    ...{ adapters, directory, clusters, queue, store, sessions, cancelBus, log, span, timing, now },
    rules: rulebook.rules,
    catalogue,
    playbooks: rulebook.playbooks,
    checkReaders,
    images: rulebook.images,
    resolveDestinations: createResolver(rulebook),
    hash: hashOf,
    ...createAuditContext({ log: parts.audit, now, rules: rulebook.rules }),
  }
}

/** Creates `resolveDestinations`, which looks host names up only where the policy denies any destination. */
function createResolver(rulebook: PolicyFile): SharedContext['resolveDestinations'] {
  return async (destinations, target) => {
    if (!rulebook.rules().policy.sets.some(({ deny }) => deny.length > 0)) return destinations
    const domains = searchDomainsOf(target, await readSearchDomains())
    return resolveDestinations(destinations, (name) => resolveHost(name, domains))
  }
}

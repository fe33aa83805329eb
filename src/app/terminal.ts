import type { TerminalContainers, TerminalPort } from '#core/ports/terminal'
import type { SharedTimeout } from '#core/util/timeout'
import type { Config } from '#src/config/load'
import type { Mount } from '#src/http/server'
import { claim } from '#src/terminal/claim'
import type { TerminalContext } from '#src/terminal/context'
import { startTerminalJobs } from '#src/terminal/jobs'
import { terminalServer } from '#src/terminal/server'
import { mountTerminalPages } from '#src/web/terminal/routes'
import { recordsOf, type SharedContext } from './contexts.ts'
import type { HttpServer } from './http.ts'
import { hashOf } from './sha256.ts'

/** Shells in containers of the clusters. */
export type Terminals = { shells: TerminalPort; containers: TerminalContainers }

type TerminalShared = SharedContext & { config: Config; mount: Mount; mountUpgrade: HttpServer['mountUpgrade'] }

/**
 * Starts the terminal role: the page of sessions, their WebSockets, and the job that ends and removes them. Returns the function that hands the
 * sessions to other processes and stops.
 */
export function startTerminal(
  shared: TerminalShared,
  terminals: Terminals,
  url: URL,
  limit: SharedTimeout,
): () => Promise<void> {
  const context = createTerminalContext(shared, terminals, url)
  const server = terminalServer(context)
  mountTerminalPages({ url, mount: shared.mount, log: shared.log, claim: (body) => claim(context, body) })
  shared.mountUpgrade('/t/connect', server.upgrade)
  const stopJobs = startTerminalJobs(context)
  return async () => {
    await limit(Promise.all([stopJobs(), server.close()]))
  }
}

function createTerminalContext(shared: TerminalShared, { shells, containers }: Terminals, url: URL): TerminalContext {
  const { adapters, directory, store, terminalBus, sessionKey, log, span, timing, rulebook, metrics, config } = shared
  return {
    ...{ adapters, directory, store, terminalBus, sessionKey, log, span, timing, url, shells, containers },
    policy: () => rulebook.rules().policy,
    specDefaults: () => rulebook.rules().defaults,
    orderedPause: () => rulebook.rules().paused,
    maxConnections: config.limits.terminalConnections,
    metrics: metrics.terminal,
    now: shared.now,
    hash: hashOf,
    ...recordsOf(shared),
  }
}

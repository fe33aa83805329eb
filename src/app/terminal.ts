import { defined } from '#core/util/defined'
import type { SharedTimeout } from '#core/util/timeout'
import type { Config } from '#src/config/load'
import type { Mount } from '#src/http/server'
import { claim } from '#src/terminal/claim'
import type { TerminalContext } from '#src/terminal/context'
import { startTerminalJobs } from '#src/terminal/jobs'
import { createReplays } from '#src/terminal/replay'
import { terminalServer } from '#src/terminal/server'
import { runLinks } from '#src/web/run-page/links'
import { mountReplayPages } from '#src/web/terminal/replay-routes'
import { mountTerminalPages } from '#src/web/terminal/routes'
import { createSharedContext, type ProgramParts } from './contexts.ts'
import type { HttpServer } from './http.ts'
import { replayFolder } from './replay-url-path.ts'
import type { Terminals } from './terminals-by-cluster.ts'

type TerminalParts = ProgramParts & { config: Config; mount: Mount; mountUpgrade: HttpServer['mountUpgrade'] }

/**
 * Starts the terminal role: the page of sessions, their WebSockets, and the job that ends and removes them. Returns the function that hands the
 * sessions to other processes and stops.
 */
export function startTerminal(
  parts: TerminalParts,
  terminals: Terminals,
  url: URL,
  limit: SharedTimeout,
): () => Promise<void> {
  const context = createTerminalContext(parts, terminals, url)
  const server = terminalServer(context)
  mountTerminalPages({ url, mount: parts.mount, log: parts.log, claim: (body) => claim(context, body) })
  const links = runLinks({ store: parts.store, url, folder: replayFolder })
  mountReplayPages({ url, mount: parts.mount, log: parts.log, links, replays: createReplays(context) })
  parts.mountUpgrade('/t/connect', server.upgrade)
  const stopJobs = startTerminalJobs(context)
  return async () => {
    await limit(Promise.all([stopJobs(), server.close()]))
  }
}

function createTerminalContext(parts: TerminalParts, { shells, containers }: Terminals, url: URL): TerminalContext {
  const { terminalBus, sessionKey, metrics, config, artifacts, recordings, cipher, passkeys } = parts
  return {
    ...createSharedContext(parts),
    ...{ terminalBus, sessionKey, shells, containers, url, artifacts, recordings, cipher },
    maxConnections: config.limits.terminalConnections,
    metrics: metrics.terminal,
    ...defined({ passkeys }),
  }
}

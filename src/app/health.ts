import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { errorMessage } from '#core/util/error-message'
import { memoize } from '#core/util/memoize'
import { withTimeout } from '#core/util/timeout'
import { readRoute, routeTable, type TableRoute } from '#src/http/route-table'
import { type HttpTiming, type ListeningServer, limitedHttpServer } from '#src/http/server'
import type { Metrics } from './metrics.ts'

/**
 * A dependency that the program needs to do its work. `check` rejects, or resolves with false, when it is unavailable;
 * a text that it resolves with is shown beside its name.
 */
export type Check = { name: string; check: () => Promise<unknown> }

export type HealthServer = ListeningServer & {
  /** Marks the program as open: chat adapters accept commands. */
  opened: () => void
}

export type HealthOptions = {
  checks: readonly Check[]
  metrics: Metrics
  /** Returns why the process should be restarted; undefined while it is well. */
  problem?: () => string | undefined
  log: Log
  timing?: Partial<HttpTiming & Pick<Timing, 'readinessCacheMs'>>
}

type Answer = { status: number; body: string; type?: string }

/** Time limit of one readiness check. */
const checkTimeoutMs = 3_000

/**
 * Creates the server of health and metrics, on a port of its own that webhooks' clients don't reach. `/healthz`: the process lives; 503 where it
 * should be restarted. `/readyz`: Redis, clusters and chats are reachable, each by name (503 where one isn't); the answer is some seconds old at the
 * most, so that asking often doesn't ask them often. `/openz`: the chat adapters accept commands, so people get replies even while Redis is
 * unreachable. `/metrics`: Prometheus.
 */
export function healthServer(options: HealthOptions): HealthServer {
  const { checks, metrics, problem = () => undefined } = options
  const { readinessCacheMs } = { ...defaultTiming, ...options.timing }
  let isOpen = false
  const readiness = memoize(
    () => readinessOf(checks),
    () => performance.now(),
    readinessCacheMs,
  )
  const { routeOf } = routeTable([
    answerRoute('/healthz', async () => healthOf(problem())),
    answerRoute('/readyz', () => readiness('')),
    answerRoute('/openz', async () => (isOpen ? { status: 200, body: 'ok\n' } : { status: 503, body: 'NOT OPEN\n' })),
    answerRoute('/metrics', async () => ({ status: 200, ...(await metrics.text()) })),
  ])
  return {
    ...limitedHttpServer({ ...options, routeOf }),
    opened() {
      isOpen = true
    },
  }
}

function answerRoute(path: string, answer: () => Promise<Answer>): TableRoute {
  return readRoute(path, async (_request, response) => {
    const { status, body, type = 'text/plain' } = await answer()
    response.writeHead(status, { 'content-type': type }).end(body)
  })
}

function healthOf(problem: string | undefined): Answer {
  return problem === undefined ? { status: 200, body: 'ok\n' } : { status: 503, body: `NOT HEALTHY: ${problem}\n` }
}

async function readinessOf(checks: readonly Check[]): Promise<Answer> {
  const results = await Promise.all(checks.map(runCheck))
  const status = results.every((each) => each.ok) ? 200 : 503
  return { status, body: results.map((each) => `${each.ok ? 'ok' : 'NOT READY'} ${each.name}${each.why}\n`).join('') }
}

async function runCheck({ name, check }: Check): Promise<{ name: string; ok: boolean; why: string }> {
  try {
    const answer = await withTimeout(
      checkTimeoutMs,
      check().then((result) => ({ result })),
    )
    if (answer === undefined) return { name, ok: false, why: `: no answer in ${checkTimeoutMs / 1_000} s` }
    const { result } = answer
    if (result === false) return { name, ok: false, why: ': not reachable' }
    return { name, ok: true, why: typeof result === 'string' ? `: ${result}` : '' }
  } catch (error) {
    return { name, ok: false, why: `: ${errorMessage(error)}` }
  }
}

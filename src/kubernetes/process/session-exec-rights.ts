import type { DebugRun } from '#core/ports/cluster'
import type { Session } from '#core/sessions/session'
import { isAllowed } from '#src/kubernetes/api/access-review'
import { apiProblem, isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { runnerPath } from '#src/kubernetes/workload/pod-spec'
import { whyNotConnected } from './exec-end.ts'

/** Milliseconds for which the API server's answer about a permission is reused. */
const permissionCacheMs = 60_000

/** Maximum of answers in a cluster's cache, one per namespace and per person in it; beyond it the cache is cleared. */
const maxCachedAnswers = 1_000

const permissionCaches = new WeakMap<Connection, Map<string, { at: number; allowed: Promise<boolean> }>>()

/**
 * Returns true where a run's container may be reused as a session: the bot needs the permission to end what runs in it,
 * and the person to run something in it.
 */
export async function mayExec(connection: Connection, acting: Connection, { spec, by }: DebugRun): Promise<boolean> {
  const namespace = spec.target.kind === 'node' ? spec.namespace : spec.target.namespace
  const cache = permissionCaches.get(connection) ?? new Map()
  permissionCaches.set(connection, cache)
  const askCached = (key: string, ask: () => Promise<boolean>) => {
    const cached = cache.get(key)
    if (cached !== undefined && performance.now() - cached.at < permissionCacheMs) return cached.allowed
    if (cache.size > maxCachedAnswers) cache.clear()
    const allowed = ask().catch(() => false)
    cache.set(key, { at: performance.now(), allowed })
    return allowed
  }
  const [botMay, personMay] = await Promise.all([
    askCached(namespace, () => mayExecInNamespace(connection, namespace)),
    acting === connection || askCached(`${namespace}/${by.id}`, () => mayExecInNamespace(acting, namespace)),
  ])
  return botMay && personMay
}

/**
 * Returns whether this account may exec in containers of a namespace. Needs both verbs: an exec over WebSockets is a
 * GET for older API servers.
 */
export async function mayExecInNamespace(connection: Connection, namespace: string): Promise<boolean> {
  const answers = await Promise.all(
    ['get', 'create'].map((verb) => isAllowed(connection, { verb, resource: 'pods', subresource: 'exec', namespace })),
  )
  return answers.every((allowed) => allowed)
}

/**
 * Ends a session's container: deletes a debug pod, and ends the runner of an ephemeral container. Rejects where the
 * cluster can't be reached.
 */
export async function endContainer(connection: Connection, session: Session): Promise<void> {
  const { namespace, pod: name, uid, run, kind } = session
  if (kind === 'node') {
    const body = { gracePeriodSeconds: 3, preconditions: { uid } }
    await connection.core.deleteNamespacedPod({ name, namespace, body }).catch((error: unknown) => {
      // The pod is gone already, or another one has its name (409).
      if (!isNotFound(error) && apiProblem(error)?.code !== 409) throw error
    })
    return
  }
  // The runner's response is ignored: the only one is that it has ended already.
  await connection.exec(session, [runnerPath, '--stop', run]).catch((error: unknown) => {
    if (!whyNotConnected(error, '').final) throw error
  })
}

import type { DebugRun } from '#core/ports/cluster'
import type { Session } from '#core/sessions/session'
import { memoize } from '#core/util/memoize'
import { isAllowed } from '#src/kubernetes/api/access-review'
import { apiProblem, isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { runnerPath } from '#src/kubernetes/workload/pod-spec'
import { whyNotConnected } from './exec-end.ts'

/** Milliseconds for which the API server's answer about a permission is reused. */
const permissionCacheMs = 60_000

/** Answers by connection of the bot, then by name: of the namespace, or of the namespace and a person. */
const answers = new WeakMap<Connection, AskMayExec>()

/** Returns whether an account may exec in a namespace; false where that can't be asked. */
type AskMayExec = (name: string, account: Connection, namespace: string) => Promise<boolean>

function answersOf(connection: Connection): AskMayExec {
  const known = answers.get(connection)
  if (known !== undefined) return known
  const ask: AskMayExec = (_name, account, namespace) => mayExecInNamespace(account, namespace).catch(() => false)
  const cached = memoize(ask, () => performance.now(), permissionCacheMs)
  answers.set(connection, cached)
  return cached
}

/**
 * Returns true where a run's container may be reused as a session: the bot needs the permission to end what runs in it,
 * and the person to run something in it.
 */
export async function mayExec(connection: Connection, acting: Connection, { spec, by }: DebugRun): Promise<boolean> {
  const namespace = spec.target.kind === 'node' ? spec.namespace : spec.target.namespace
  const ask = answersOf(connection)
  const [botMay, personMay] = await Promise.all([
    ask(namespace, connection, namespace),
    acting === connection || ask(`${namespace}/${by.id}`, acting, namespace),
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

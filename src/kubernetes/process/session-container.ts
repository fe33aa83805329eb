import type { DebugRun } from '#core/ports/cluster'
import type { Session } from '#core/sessions/session'
import { apiProblem, isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { runnerPath } from '#src/kubernetes/workload/pod-spec'
import { whyNotConnected } from './exec-end.ts'

/** Milliseconds for which the API server's word on a right holds. */
const fresh = 60_000

/** Answers are remembered for this many people and namespaces. */
const most = 1_000

const asked = new WeakMap<Connection, Map<string, { at: number; allowed: Promise<boolean> }>>()

/** True where a container may stay: the bot has to be able to end what is in it, and the person to run something in it. */
export async function mayExec(connection: Connection, acting: Connection, { spec, by }: DebugRun): Promise<boolean> {
  const namespace = spec.target.kind === 'node' ? spec.namespace : spec.target.namespace
  const known = asked.get(connection) ?? new Map()
  asked.set(connection, known)
  const remember = (key: string, ask: () => Promise<boolean>) => {
    const before = known.get(key)
    if (before !== undefined && performance.now() - before.at < fresh) return before.allowed
    if (known.size > most) known.clear()
    const allowed = ask().catch(() => false)
    known.set(key, { at: performance.now(), allowed })
    return allowed
  }
  const [own, theirs] = await Promise.all([
    remember(namespace, () => mayExecInNamespace(connection, namespace)),
    acting === connection || remember(`${namespace}/${by.id}`, () => mayExecInNamespace(acting, namespace)),
  ])
  return own && theirs
}

/** Whether this account may run something in containers of a namespace; over WebSockets that is a GET for older API servers. */
export async function mayExecInNamespace({ authorization }: Connection, namespace: string): Promise<boolean> {
  const reviews = await Promise.all(
    ['get', 'create'].map((verb) => {
      const resourceAttributes = { verb, resource: 'pods', subresource: 'exec', namespace }
      return authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } })
    }),
  )
  return reviews.every(({ status }) => status?.allowed === true)
}

/** Ends a container that stayed: a debug pod goes as a whole, of somebody else's pod the runner in it ends. */
export async function endContainer(connection: Connection, session: Session): Promise<void> {
  const { namespace, pod: name, uid, run, kind } = session
  if (kind === 'node') {
    const body = { gracePeriodSeconds: 3, preconditions: { uid } }
    await connection.core.deleteNamespacedPod({ name, namespace, body }).catch((error: unknown) => {
      // Gone already, or a namesake that isn't ours (409).
      if (!isNotFound(error) && apiProblem(error)?.code !== 409) throw error
    })
    return
  }
  // What the runner says, if anything, is that it has ended already.
  await connection.exec(session, [runnerPath, '--stop', run]).catch((error: unknown) => {
    if (!whyNotConnected(error, '').final) throw error
  })
}

import type { DebugRun } from '#core/ports/cluster'
import { apiProblem, ImpersonationRefused } from './api-error.ts'
import type { Connection } from './connection.ts'
import { probeUser } from './impersonation-headers.ts'

/** Whether the bot acts for people in a cluster: where it may, always (else nothing is run), or never. */
export type ImpersonationMode = 'auto' | 'required' | 'never'

/** Milliseconds for which the API server's word on our right holds. */
const fresh = 60_000

/** Who makes the requests of a run: the person, where that is wanted and the bot has the right to act for people. */
export type Impersonation = {
  connectionFor: (work: Pick<DebugRun, 'id' | 'by'>) => Promise<Connection>
  /** True when the bot may act for people here, and people may do its work. */
  allowed: () => Promise<boolean>
}

export function createImpersonation(connection: Connection, mode: ImpersonationMode, namespace: string): Impersonation {
  let asked: { at: number; allowed: Promise<boolean> } | undefined
  const allowed = () => {
    if (asked === undefined || performance.now() - asked.at > fresh)
      asked = { at: performance.now(), allowed: mayActForPeople(connection, namespace) }
    return asked.allowed
  }
  return {
    allowed,
    async connectionFor({ id, by }) {
      // A failed question is no answer: what could not be asked is not run under another name.
      if (mode === 'never' || (mode === 'auto' && !(await allowed()))) return connection
      const own = connection.as(by, id)
      if (own === undefined) throw new ImpersonationRefused(`nobody may act for ${by.id} in a cluster`)
      return own
    },
  }
}

/**
 * True where people may do their work through us: asked as nobody in particular, of the group of people. The right to
 * impersonate alone would not do: an administrator has it in a cluster that gives people nothing.
 */
async function mayActForPeople(connection: Connection, namespace: string): Promise<boolean> {
  const probe = connection.as({ id: probeUser, groups: [] }, 'probe')
  const resourceAttributes = { verb: 'create', resource: 'pods', namespace }
  try {
    const review = await probe?.authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } })
    return review?.status?.allowed === true
  } catch (error) {
    if (apiProblem(error)?.code === 403) return false
    throw error
  }
}

import type { DebugRun } from '#core/ports/cluster'
import { memoize } from '#core/util/memoize'
import { isAllowed } from './access-review.ts'
import { apiProblem, ImpersonationRefused } from './api-error.ts'
import type { Connection } from './connection.ts'
import { probeUser } from './impersonation-headers.ts'

/**
 * Whether the bot acts for people in a cluster: `auto`: where it may; `required`: always, else nothing is run; `never`.
 */
export type ImpersonationMode = 'auto' | 'required' | 'never'

/** Milliseconds for which the API server's answer about the bot's permission to act for people is reused. */
const permissionCacheMs = 60_000

/** Account that makes a run's requests: the person's, where configured and where the bot may act for people. */
export type Impersonation = {
  /** Rejects with `ImpersonationRefused` for a person who must not be impersonated, and where the check fails. */
  connectionFor: (run: Pick<DebugRun, 'id' | 'by'>) => Promise<Connection>
  /** Resolves with true when the bot may act for people, and people may create its pods. */
  allowed: () => Promise<boolean>
}

export function createImpersonation(connection: Connection, mode: ImpersonationMode, namespace: string): Impersonation {
  const mayAct = memoize(
    () => mayActForPeople(connection, namespace),
    () => performance.now(),
    permissionCacheMs,
  )
  const allowed = () => mayAct('')
  return {
    allowed,
    async connectionFor({ id, by }) {
      // Rejects if the check failed: then nothing is run under the bot's own name.
      if (mode === 'never' || (mode === 'auto' && !(await allowed()))) return connection
      const impersonated = connection.as(by, id)
      if (impersonated === undefined) throw new ImpersonationRefused(`${by.id} can't be impersonated in a cluster`)
      return impersonated
    },
  }
}

/**
 * Returns true where people may create pods through the bot: asks as a user who is no person, in the group of people.
 * The permission to impersonate alone isn't enough: an administrator has it in a cluster that grants people nothing.
 */
async function mayActForPeople(connection: Connection, namespace: string): Promise<boolean> {
  const probe = connection.as({ id: probeUser, groups: [] }, 'probe')
  try {
    return probe !== undefined && (await isAllowed(probe, { verb: 'create', resource: 'pods', namespace }))
  } catch (error) {
    if (apiProblem(error)?.code === 403) return false
    throw error
  }
}

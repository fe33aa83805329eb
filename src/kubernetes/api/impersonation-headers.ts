import type { Principal } from '#core/people/principal'
import { runLabel } from '#core/runs/debug-spec'
import type { Headers } from './reuse-connections.ts'

/** Group of all people for whom the bot acts: cluster roles grant it what people may do through the bot. */
export const peopleGroup = 'retina-chatops:people'

/** User name of no person, with which the bot checks whether it is set up to act for people. */
export const probeUser = 'retina-chatops:probe'

/** Prefix of the policy file's groups in Kubernetes: `retina-chatops:group:sre-leads`. */
const groupPrefix = 'retina-chatops:'

/**
 * Returns the headers with which the API server treats a request as a person's, and records the run's id in its audit
 * log. Returns undefined for an id that must not be impersonated. Source: Kubernetes, "User impersonation".
 */
export function impersonationHeaders(by: Pick<Principal, 'id' | 'groups'>, run: string): Headers | undefined {
  // `system:` is reserved for the cluster: no chat account may get such a name, whatever a directory returns.
  if (by.id.startsWith('system:') || by.id === '') return undefined
  const policyGroups = by.groups.filter((group) => group.startsWith('group:')).map((group) => `${groupPrefix}${group}`)
  return {
    'impersonate-user': by.id,
    'impersonate-group': [peopleGroup, ...policyGroups],
    [`impersonate-extra-${encodeURIComponent(runLabel)}`]: run,
  }
}

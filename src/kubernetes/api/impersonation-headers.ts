import type { Principal } from '#core/people/principal'
import { runLabel } from '#core/runs/debug-spec'
import type { Headers } from './keep-alive.ts'

/** Every person whom the bot acts for is in this group: what people may do through the bot is bound to it. */
export const peopleGroup = 'retina-chatops:people'

/** Nobody: as whom the bot asks whether it is set up to act for people. */
export const probeUser = 'retina-chatops:probe'

/** Groups of the policy's own file, as Kubernetes hears of them: `retina-chatops:group:sre-leads`. */
const groupPrefix = 'retina-chatops:'

/**
 * The headers by which the API server takes a request for a person's, with the run in its audit log. Undefined for somebody
 * whom nobody may act for. Source: Kubernetes, "User impersonation".
 */
export function impersonationHeaders(by: Pick<Principal, 'id' | 'groups'>, run: string): Headers | undefined {
  // `system:` is the cluster's own: nobody in a chat is one of those, whatever a directory calls them.
  if (by.id.startsWith('system:') || by.id === '') return undefined
  const own = by.groups.filter((group) => group.startsWith('group:')).map((group) => `${groupPrefix}${group}`)
  return {
    'impersonate-user': by.id,
    'impersonate-group': [peopleGroup, ...own],
    [`impersonate-extra-${encodeURIComponent(runLabel)}`]: run,
  }
}

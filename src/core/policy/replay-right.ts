import type { Principal } from '#core/people/principal'
import type { SessionRecording } from '#core/recording/session-recording'
import type { Instant } from '#core/util/instant'
import { mayName } from './authorize.ts'
import type { Policy } from './policy.ts'

/**
 * Returns true for a person's own recording, and for one of others where a grant on its target has a set with `recordings: raw`. A grant for
 * some channels only gives nothing here: a page is in no channel.
 */
export function mayReplay(
  by: Principal,
  recording: Pick<SessionRecording, 'by' | 'target' | 'labels' | 'namespaceLabels'>,
  policy: Policy,
  now: Instant,
): boolean {
  if (recording.by.id === by.id) return true
  const sets = policy.sets.filter((set) => set.recordings === 'raw').map(({ name }) => name)
  const grants = policy.grants.filter((grant) => grant.in === undefined && grant.sets.some((set) => sets.includes(set)))
  return mayName(by, { sets: policy.sets, grants }, recording, now)
}

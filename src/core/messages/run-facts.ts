import { secondsText } from '#core/util/units'
import type { RunCard } from './message.ts'

/** Returns the secondary details of a run, one line each. */
export function runFacts(run: RunCard): string[] {
  return [
    ...(run.added.length === 0 ? [] : [`Added: ${run.added.join('; ')}`]),
    ...describeSession(run),
    `Requested by ${run.by} · set ${run.set} · cluster ${run.cluster} · at most ${secondsText(run.deadline)} · run ${run.id}`,
  ]
}

/** Returns what is reused as a session after the run, and its idle time. */
function describeSession({ kept }: RunCard): string[] {
  if (kept === undefined) return []
  const what = kept.what === 'node' ? 'Its pod' : 'Its container'
  return [`${what} stays ready for ${secondsText(kept.seconds)}, so your next command there starts sooner`]
}

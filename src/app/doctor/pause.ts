import { type Finding, notChecked, ok, warning } from '#core/doctor/finding'
import type { StoredValue } from '#core/ports/store'
import { type Pause, pauseText } from '#core/runs/pause'

/** Says whether all runs are paused. `found`: the pause of `retina-chatops pause`; undefined where it can't be read. */
export function diagnosePause(ordered: string | undefined, found: { stored: StoredValue<Pause> } | undefined): Finding {
  const check = 'pause'
  const resume = 'npx retina-chatops resume --reason "…"'
  if (ordered !== undefined)
    return warning(check, pauseText({ by: 'retina.yaml', reason: ordered }), 'remove "paused" from retina.yaml')
  if (found === undefined) return notChecked(check, 'Redis does not tell', 'run doctor again when Redis is well')
  const { stored } = found
  if (stored === 'broken') return warning(check, 'all runs are paused: the stored pause was changed', resume)
  return stored === undefined ? ok(check, 'runs are accepted') : warning(check, pauseText(stored), resume)
}

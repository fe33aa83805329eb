import type { Store } from '#core/ports/store'
import type { Pause } from '#core/runs/pause'
import type { SharedRules } from './shared-context.ts'

export type PauseContext = {
  store: Pick<Store, 'getValue'>
  rules: () => Pick<SharedRules, 'paused'>
}

const changed: Pause = {
  by: 'retina-chatops',
  reason: 'the stored pause was changed by something other than this program; `retina-chatops resume` ends that',
}

/** Returns the pause in force; undefined where there is none. A stored pause that was changed counts as one. */
export async function currentPause({ store, rules }: PauseContext): Promise<Pause | undefined> {
  const { paused: ordered } = rules()
  if (ordered !== undefined) return { by: 'retina.yaml', reason: ordered }
  const stored = await store.getValue('pause', 'current')
  return stored === 'broken' ? changed : stored
}

import type { Store } from '#core/ports/store'
import type { Pause } from '#core/runs/pause'

export type PauseContext = {
  store: Pick<Store, 'getValue'>
  /** Returns the reason of a pause that `retina.yaml` orders now. */
  orderedPause: () => string | undefined
}

const changed: Pause = {
  by: 'retina-chatops',
  reason: 'the stored pause was changed by something other than this program; `retina-chatops resume` ends that',
}

/** Returns the pause in force; undefined where there is none. A stored pause that was changed counts as one. */
export async function currentPause({ store, orderedPause }: PauseContext): Promise<Pause | undefined> {
  const ordered = orderedPause()
  if (ordered !== undefined) return { by: 'retina.yaml', reason: ordered }
  const stored = await store.getValue('pause', 'current')
  return stored === 'broken' ? changed : stored
}

import type { AuditRecord } from './audit.ts'
import { noteOutcome } from './fan-out-member.ts'
import type { Store } from './ports.ts'
import { type End, endedRun, type Run, type RunState } from './run.ts'
import { unrunNotice } from './run-card.ts'
import { type Doors, show, showRequest } from './show.ts'
import { placeTold } from './telling-place.ts'
import type { Catalogue } from './tool.ts'

type House = Doors & {
  store: Store
  audit: (what: AuditRecord['what'], run: string, person: string, details: Record<string, string>) => Promise<void>
  now: () => Date
  hash: (value: unknown) => string
  catalogue: Catalogue
}

/** Ends a run that never started, if it still stands in `state`, and says so in every message that shows it. */
export async function endUnrun(
  house: House,
  run: Run,
  state: RunState,
  why: { reason: 'refused' | 'canceled' | 'expired'; message: string },
): Promise<void> {
  const at = house.now().toISOString()
  const end: End = { ...why, at, complete: true }
  let first = false
  const ended = await house.store.changeRun(run.id, (saved) => {
    first = saved.state === state
    return first ? endedRun(saved, end) : undefined
  })
  if (ended === undefined || !first) return
  await house.audit('ended', run.id, run.request.by.id, why)
  await placeTold(house, ended)
  if (state === 'asking') await showRequest(house, ended, at)
  else if (ended.fanOut !== undefined) await noteOutcome(house, ended, end)
  else await show(house, ended.message, unrunNotice(ended, end))
}

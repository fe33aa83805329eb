import { approvalState } from '#core/approvals/approval'
import { unrunNotice } from '#core/messages/run-card'
import type { Store } from '#core/ports/store'
import type { Catalogue } from '#core/request/tool'
import type { End, Run, RunState } from '#core/runs/run'
import { type Records, recordLate } from './audit-backfill.ts'
import { noteOutcome } from './fan-out-outcomes.ts'
import { placeTold } from './queue-message-lock.ts'
import { type Doors, show, showRequest } from './update-message.ts'

type House = Doors &
  Records & {
    store: Store
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
    return first ? { ...saved, state: 'ended', end } : undefined
  })
  if (ended === undefined || !first) return
  await house.audit('ended', run.id, run.request.by.id, why)
  await placeTold(house, ended)
  await tellUnrun(house, ended)
}

/**
 * Tells the saved ending of a run that never started, and notes that it was told; safe to do again. Where the chat doesn't take it just
 * now that isn't noted, and a worker's sweep tells it later.
 */
export async function tellUnrun(house: Omit<House, keyof Records>, run: Run): Promise<void> {
  if (run.end === undefined || !(await showEnd(house, run, run.end))) return
  await house.store.changeRun(run.id, (saved) => ({ ...saved, toldAt: house.now().toISOString() }))
}

/** The same where whoever ended it was cut off, perhaps before it was on record. */
export async function tellUnrunLate(house: House, run: Run): Promise<void> {
  await recordLate(house, [run], (_run, end) => unrunDetails(end))
  await tellUnrun(house, run)
}

/** What the audit log says of such an ending. */
export function unrunDetails({ reason, message = '' }: End): Record<string, string> {
  return { reason, message }
}

async function showEnd(house: Omit<House, keyof Records>, run: Run, end: End): Promise<boolean> {
  if (isRequest(run)) return showRequest(house, run, end.at)
  if (run.fanOut === undefined) return show(house, run.message, unrunNotice(run, end))
  await noteOutcome(house, run, end)
  return true
}

/** True for a request that ended before it was approved: its messages are those of a request. */
export function isRequest({ approval, end }: Pick<Run, 'approval' | 'end'>): boolean {
  return approval !== undefined && end !== undefined && approvalState(approval, end.at) !== 'approved'
}

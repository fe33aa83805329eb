import { approvalState } from '#core/approval'
import type { End, Run } from '#core/run'
import { askingNotice } from '#core/run-card'
import type { WorkerHouse } from './house.ts'
import { openReport } from './report.ts'
import { tell } from './tell.ts'

/** Milliseconds that an ending may stay untold before another worker tells it. */
const grace = 90_000

/**
 * Looks after what a worker left behind: tells endings that nobody told, and removes debug pods whose run has ended.
 * Safe to run in any number of workers.
 */
export async function sweep(house: WorkerHouse): Promise<void> {
  for (const id of await house.store.openRuns()) {
    const run = await house.store.run(id)
    if (run === undefined || run.toldAt !== undefined) await house.store.closeRun(id)
    else if (run.state === 'asking') await expire(house, run)
    else if (isUntold(house, run) && (await house.store.claim(`tell:${id}`, grace / 1_000))) await tellAgain(house, run)
  }
  for (const cluster of house.clusters.values()) {
    const removed = await cluster.reap(async (id) => {
      const run = await house.store.run(id)
      return run !== undefined && run.state !== 'ended'
    })
    for (const run of removed)
      house.log.warn({ run, cluster: cluster.name }, 'removed a debug pod that was left behind')
  }
}

/** A request that nobody decided in time is over, and is shown as such everywhere. */
async function expire(house: WorkerHouse, run: Run): Promise<void> {
  const at = house.now().toISOString()
  if (run.approval === undefined || approvalState(run.approval, at) !== 'expired') return
  const end: End = { reason: 'expired', at, complete: true, message: 'nobody decided it in time' }
  const ended = await house.store.changeRun(run.id, (saved) =>
    saved.state === 'asking' ? { ...saved, state: 'ended', end, toldAt: at } : undefined,
  )
  if (ended?.approval === undefined) return
  const notice = askingNotice(ended, ended.approval, at)
  for (const message of [ended.message, ...ended.approval.cards]) {
    await house.adapters.get(message.platform)?.edit(message, notice)
  }
}

function isUntold(house: WorkerHouse, run: Run): boolean {
  return run.end !== undefined && house.now().getTime() - Date.parse(run.end.at) > grace
}

async function tellAgain(house: WorkerHouse, run: Run): Promise<void> {
  const adapter = house.adapters.get(run.message.platform)
  if (adapter !== undefined) await tell(house, run, openReport(adapter, run.message, house.log))
}

import { approvedText, type QueuePosition, queuePositionText } from '#core/messages/queue-position'
import { rootMessage, runCard } from '#core/messages/run-card'
import { verified } from '#core/ports/store'
import { maxQueueWaitMs, type Run } from '#core/runs/run'
import type { Timing } from '#core/util/default-timings'
import { decideOnRun } from '#src/lifecycle/change-run'
import { showEndingAgain } from '#src/lifecycle/show-ending-again'
import { messageLockMs } from '#src/lifecycle/wait-for-queue-message-lock'
import type { WorkerContext } from '#src/worker/context'

/** Maximum number of runs whose messages are updated: the first ones in the waiting list. */
const maxMessages = 20

/**
 * Returns the minimum seconds between two edits of one message: the first positions change most noticeably. Twenty
 * messages that all change use about half of the edits that Slack's limits leave for progress.
 */
const getEditIntervalSeconds = ({ waitingEditMs }: Timing, position: number) =>
  (waitingEditMs * (1 + position / 5)) / 1_000

/**
 * Updates the messages of waiting runs with what they currently wait for. Every worker calls this periodically; a lock
 * lets one at a time do it for all. A message is left unchanged as soon as a worker has its run.
 */
export async function updateQueuePositionsJob(context: WorkerContext): Promise<void> {
  if (!(await context.store.acquireLock('waiting', (context.timing.waitingIntervalMs * 2) / 3 / 1_000))) return
  const waitingList = (await context.queue.waitingList(maxMessages)).toSorted((one, other) => one.before - other.before)
  await Promise.all(waitingList.slice(0, maxMessages).map((each) => updateMessage(context, each)))
}

async function updateMessage(context: WorkerContext, position: QueuePosition): Promise<void> {
  const run = verified(await context.store.run(position.run))
  // The message of a fan-out shows all of its runs.
  if (run?.state !== 'queued' || run.fanOut !== undefined) return
  const adapter = context.adapters.get(run.message.platform)
  const waitedMs = context.now().getTime() - Date.parse(run.queuedAt)
  if (adapter === undefined || waitedMs < context.timing.waitingFirstMs || waitedMs > maxQueueWaitMs) return
  const note = [approvedText(run), queuePositionText(position) ?? 'It is next.']
    .filter((text) => text !== undefined)
    .join(' ')
  if (verified(await context.store.getValue('position-shown', run.id))?.note === note) return
  if (!(await context.store.acquireLock(`place:${run.id}`, getEditIntervalSeconds(context.timing, position.before))))
    return
  const lockedRun = await lockMessage(context, run)
  if (lockedRun === undefined) return
  try {
    const notice = rootMessage(run, { kind: 'queued', run: runCard(lockedRun), note, progress: true })
    await adapter.edit(run.message, notice)
    await context.store.setValue('position-shown', run.id, { note }, maxQueueWaitMs / 1_000)
  } catch (error) {
    context.log.debug({ run: run.id, error: String(error) }, 'its queue position could not be shown')
  }
  await unlockMessage(context, lockedRun)
  const isLate = lockedRun.tellingUntil !== undefined && context.now().getTime() > Date.parse(lockedRun.tellingUntil)
  if (isLate) await showEndingAgain(context, run)
}

/**
 * Locks the message of a run: a worker that takes the run waits until it is unlocked or the lock expires. Returns
 * undefined where a worker already has the run.
 */
async function lockMessage(context: Pick<WorkerContext, 'now' | 'store'>, run: Run): Promise<Run | undefined> {
  const tellingUntil = new Date(context.now().getTime() + messageLockMs).toISOString()
  const saved = verified(
    await decideOnRun(context.store, run.id, (now) => {
      const isQueued = now.state === 'queued'
      return { next: isQueued ? { ...now, tellingUntil } : undefined, found: isQueued }
    }),
  )
  return saved?.found === true ? saved.run : undefined
}

/** Unlocks the message of a run, unless the lock has expired and another process has locked it since. */
async function unlockMessage({ store }: Pick<WorkerContext, 'store'>, { id, tellingUntil: own }: Run): Promise<void> {
  await store.changeRun(id, (now) => {
    const { tellingUntil, ...unlocked } = now
    return tellingUntil === own ? unlocked : undefined
  })
}

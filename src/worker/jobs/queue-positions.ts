import { approvedText, type QueuePosition, queuePositionText } from '#core/messages/queue-position'
import { runCard } from '#core/messages/run-card'
import { longestWait, type Run } from '#core/runs/run'
import type { Timing } from '#core/util/timing'
import { messageLockMs } from '#src/lifecycle/queue-message-lock'
import type { WorkerContext } from '#src/worker/context'

/** Runs whose messages are brought up to date: those that come first. */
const maxMessages = 20

/**
 * Seconds between two edits of one message: those in front change what matters. Twenty messages that all change take about half of
 * what Slack leaves for progress.
 */
const getEditIntervalSeconds = ({ waitingEditMs }: Timing, position: number) =>
  (waitingEditMs * (1 + position / 5)) / 1_000

/**
 * Says in the messages of runs that wait what is in their way by now. Every worker does this all the time, and one at a time does it
 * for all. A message is left alone as soon as a worker has its run.
 */
export async function updateQueuePositionsJob(context: WorkerContext): Promise<void> {
  if (!(await context.store.acquireLock('waiting', (context.timing.waitingIntervalMs * 2) / 3 / 1_000))) return
  const waitingList = (await context.queue.waitingList(maxMessages)).toSorted((one, other) => one.before - other.before)
  await Promise.all(waitingList.slice(0, maxMessages).map((each) => updateMessage(context, each)))
}

async function updateMessage(context: WorkerContext, position: QueuePosition): Promise<void> {
  const run = await context.store.run(position.run)
  // A fan-out's message tells of its runs together; what nobody of ours wrote has no say in any message.
  if (run?.state !== 'queued' || run.fanOut !== undefined || context.hasInvalidSignature(run)) return
  const adapter = context.adapters.get(run.message.platform)
  const waitedMs = context.now().getTime() - Date.parse(run.queuedAt)
  if (adapter === undefined || waitedMs < context.timing.waitingFirstMs || waitedMs > longestWait) return
  const note = [approvedText(run), queuePositionText(position) ?? 'It is next.']
    .filter((text) => text !== undefined)
    .join(' ')
  const shownKey = `place-shown:${run.id}`
  if ((await context.store.get(shownKey)) === note) return
  if (!(await context.store.acquireLock(`place:${run.id}`, getEditIntervalSeconds(context.timing, position.before))))
    return
  const lockedRun = await lockMessage(context, run)
  if (lockedRun === undefined) return
  try {
    await adapter.edit(run.message, { kind: 'queued', run: runCard(lockedRun), note, progress: true })
    await context.store.set(shownKey, note, longestWait / 1_000)
  } catch (error) {
    context.log.debug({ run: run.id, error: String(error) }, 'its place could not be shown')
  } finally {
    await context.store.changeRun(run.id, ({ tellingUntil: _until, ...now }) => now)
  }
}

/** Whoever takes the run from now on waits with its message until this is over. Undefined where somebody has it already. */
async function lockMessage(context: WorkerContext, run: Run): Promise<Run | undefined> {
  const tellingUntil = new Date(context.now().getTime() + messageLockMs).toISOString()
  let isQueued = false
  const saved = await context.store.changeRun(run.id, (now) => {
    isQueued = now.state === 'queued'
    return isQueued ? { ...now, tellingUntil } : undefined
  })
  return isQueued ? saved : undefined
}

import { approvedText, type QueuePosition, queuePositionText } from '#core/messages/queue-position'
import { runCard } from '#core/messages/run-card'
import { longestWait, type Run } from '#core/runs/run'
import type { Timing } from '#core/util/timing'
import { messageLockMs } from '#src/lifecycle/queue-message-lock'
import type { WorkerContext } from '#src/worker/context'

/** Runs whose messages are brought up to date: those that come first. */
const most = 20

/**
 * Seconds between two edits of one message: those in front change what matters. Twenty messages that all change take about half of
 * what Slack leaves for progress.
 */
const pace = ({ waitingEditMs }: Timing, before: number) => (waitingEditMs * (1 + before / 5)) / 1_000

/**
 * Says in the messages of runs that wait what is in their way by now. Every worker does this all the time, and one at a time does it
 * for all. A message is left alone as soon as a worker has its run.
 */
export async function updateQueuePositionsJob(context: WorkerContext): Promise<void> {
  if (!(await context.store.acquireLock('waiting', (context.timing.waitingIntervalMs * 2) / 3 / 1_000))) return
  const line = (await context.queue.waitingList(most)).toSorted((one, other) => one.before - other.before)
  await Promise.all(line.slice(0, most).map((each) => bringUpToDate(context, each)))
}

async function bringUpToDate(context: WorkerContext, place: QueuePosition): Promise<void> {
  const run = await context.store.run(place.run)
  // A fan-out's message tells of its runs together; what nobody of ours wrote has no say in any message.
  if (run?.state !== 'queued' || run.fanOut !== undefined || context.hasInvalidSignature(run)) return
  const adapter = context.adapters.get(run.message.platform)
  const waited = context.now().getTime() - Date.parse(run.queuedAt)
  if (adapter === undefined || waited < context.timing.waitingFirstMs || waited > longestWait) return
  const note = [approvedText(run), queuePositionText(place) ?? 'It is next.']
    .filter((words) => words !== undefined)
    .join(' ')
  const shown = `place-shown:${run.id}`
  if ((await context.store.get(shown)) === note) return
  if (!(await context.store.acquireLock(`place:${run.id}`, pace(context.timing, place.before)))) return
  const telling = await begin(context, run)
  if (telling === undefined) return
  try {
    await adapter.edit(run.message, { kind: 'queued', run: runCard(telling), note, progress: true })
    await context.store.set(shown, note, longestWait / 1_000)
  } catch (error) {
    context.log.debug({ run: run.id, error: String(error) }, 'its place could not be shown')
  } finally {
    await context.store.changeRun(run.id, ({ tellingUntil: _told, ...now }) => now)
  }
}

/** Whoever takes the run from now on waits with its message until this is over. Undefined where somebody has it already. */
async function begin(context: WorkerContext, run: Run): Promise<Run | undefined> {
  const tellingUntil = new Date(context.now().getTime() + messageLockMs).toISOString()
  let first = false
  const saved = await context.store.changeRun(run.id, (now) => {
    first = now.state === 'queued'
    return first ? { ...now, tellingUntil } : undefined
  })
  return first ? saved : undefined
}

import { type FanOut, isComplete, type Outcome } from '#core/fan-out/fan-out'
import type { SummaryMessage } from '#core/messages/message'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { verified } from '#core/ports/store'
import { maxQueueWaitMs, runRetentionSeconds } from '#core/runs/run'
import { heatTable, heatTableText } from '#core/triage/heat-table'
import { resultsOf } from '#core/triage/triage-message'
import { keepUpdated, loadSummary, readOutcomes, saveOutcome } from '#src/lifecycle/fan-out-outcomes'
import { resolvedAfter } from '#src/lifecycle/how-long-alert-fired'
import type { WorkerContext } from '#src/worker/context'
import { withLock } from '#src/worker/jobs/with-lock'
import { allOutputs } from './all-outputs.ts'
import { showFanOut } from './fan-out-messages.ts'

/**
 * Updates the message of each fan-out until all of its runs have ended. Every worker calls this periodically; the first
 * one to acquire the lock does it, and edits at the platform's interval, so that updates continue whichever worker dies.
 */
export async function updateFanOutsJob(context: WorkerContext): Promise<void> {
  const openFanOuts = await context.store.fields('open-fan-outs', 'all')
  await Promise.all(
    [...openFanOuts].map(async ([id, fanOut]) => {
      // Its message isn't known for certain, so none is edited.
      if (fanOut === 'broken') return context.store.deleteField('open-fan-outs', 'all', id)
      const adapter = context.adapters.get(fanOut.message.platform)
      if (adapter === undefined) return
      // One of the workers looks at it in each interval; the lock has expired when the next interval begins.
      if (!(await context.store.acquireLock(`fan-out-look:${id}`, context.timing.fanOutIntervalMs / 2_000))) return
      await withLock(context.store, `fan-out:${id}`, { leaseMs: context.timing.fanOutLeaseMs }, () =>
        updateMessage(context, adapter, fanOut),
      )
    }),
  )
}

async function updateMessage(context: WorkerContext, adapter: ChatAdapter, fanOut: FanOut): Promise<void> {
  const { id } = fanOut
  const outcomes = await readOutcomes(context.store, id)
  const complete = isComplete(fanOut, outcomes)
  if (!complete && (await context.store.acquireLock(`fan-out-check:${id}`, context.timing.fanOutCheckMs / 1_000)))
    await saveMissingOutcomes(context, fanOut, outcomes)
  const { summary, resolvedAfter: ended } = await loadSummary(context, fanOut, outcomes)
  const shown = verified(await context.store.getValue('fan-out-shown', id))
  const file = shown?.file === undefined ? {} : { file: shown.file }
  const view = { ...summary, ...file }
  const viewHash = context.hash(view)
  if (shown?.hash === viewHash && !complete) return
  // Only an edit delays the next one: the first change after a while is shown at once.
  if (!(await context.store.acquireLock(`fan-out-pace:${id}`, editIntervalSeconds(context, adapter, fanOut)))) return
  try {
    if (shown?.hash !== viewHash) await showFanOut(context, adapter, fanOut, view)
    // Read again: if the platform took longer than the lease, another worker may have shown and attached more.
    const now = verified(await context.store.getValue('fan-out-shown', id))
    await context.store.setValue('fan-out-shown', id, { ...now, hash: viewHash }, runRetentionSeconds)
    if (!complete) {
      const isOpen = (await context.store.field('open-fan-outs', 'all', id)) !== undefined
      // Another worker has shown the result already, which this edit may have replaced.
      if (!isOpen) await keepUpdated(context.store, fanOut)
      return
    }
    if (adapter.limits.fileBytes > 0 && now?.attached !== true)
      await attachOutputs(context, adapter, fanOut, outcomes, view)
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    context.log.debug({ fanOut: id, error: String(error) }, 'a fan-out could not be updated yet')
    return
  }
  await context.store.deleteField('open-fan-outs', 'all', id)
  // Its alert was resolved meanwhile, and what asked for one more update may have been deleted here.
  if ((await resolvedAfter(context.store, fanOut)) !== ended) await keepUpdated(context.store, fanOut)
}

/** Returns the seconds between two edits. An update of a message and of its thread is two requests. */
function editIntervalSeconds({ timing }: WorkerContext, { limits }: ChatAdapter, { threaded }: FanOut): number {
  const requests = threaded === true ? 2 : 1
  return (requests * Math.max(limits.editInterval, timing.fanOutEditMs)) / 1_000
}

/** Attaches all outputs as a file. The message names the file only once it is there. */
async function attachOutputs(
  context: Pick<WorkerContext, 'store' | 'log' | 'hash' | 'span' | 'playbooks' | 'renderHeatTable'>,
  adapter: ChatAdapter,
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
  view: SummaryMessage,
): Promise<void> {
  const { id, message } = fanOut
  const name = `${id}.txt`
  const text = await allOutputs(context.store, fanOut, outcomes)
  const isAttached = await adapter.attach(message, { name, title: `All outputs of ${id}`, text }).then(
    () => true,
    (error: unknown) => {
      context.log.error({ fanOut: id, error: String(error) }, 'all outputs could not be attached')
      return false
    },
  )
  await attachHeatTable(context, adapter, fanOut, outcomes)
  const hash = context.hash(view)
  await context.store.setValue(
    'fan-out-shown',
    id,
    { hash, attached: true, ...(isAttached ? { file: name } : {}) },
    runRetentionSeconds,
  )
  await showFanOut(context, adapter, fanOut, { ...view, ...(isAttached ? { file: name } : { fileRefused: true }) })
}

/** Attaches the table of checks by targets, where there are several. A failure is only logged: the message says it all. */
async function attachHeatTable(
  context: Pick<WorkerContext, 'log' | 'playbooks' | 'renderHeatTable'>,
  adapter: ChatAdapter,
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<void> {
  if (fanOut.triage === undefined) return
  const title = `${fanOut.triage.playbooks.join(', ')} on ${fanOut.where}`
  const table = heatTable(title, resultsOf(fanOut, outcomes), context.playbooks())
  if (table === undefined) return
  try {
    const png = Buffer.from(await context.renderHeatTable(table)).toString('base64')
    await adapter.attach(fanOut.message, { name: `${fanOut.id}.png`, title, png, alt: heatTableText(table) })
  } catch (error) {
    context.log.warn({ fanOut: fanOut.id, error: String(error) }, 'the table of a triage could not be attached')
  }
}

/** Adds outcomes of runs whose worker died before it saved them, and of runs that a dead bot never queued. */
async function saveMissingOutcomes(
  context: Pick<WorkerContext, 'now' | 'store' | 'hash' | 'catalogue' | 'playbooks' | 'checkReaders'>,
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<void> {
  const isOverdue = context.now().getTime() - fanOut.at > maxQueueWaitMs
  for (const { run: id } of fanOut.members) {
    if (outcomes.get(id)?.reason !== undefined) continue
    const run = await context.store.run(id)
    const saveLost = (said: string) =>
      context.store.setField('outcomes', fanOut.id, id, { reason: 'lost', said }, runRetentionSeconds)
    if (run === 'broken') await saveLost('its stored state was changed, so it is not used')
    else if (run?.end !== undefined) await saveOutcome(context, run, run.end)
    else if (run === undefined && isOverdue) await saveLost('it was never queued, so nothing was run')
  }
}

import { noteOutcome } from '#core/fan-out-member'
import type { Notice } from '#core/notice'
import type { ChatAdapter, Cluster } from '#core/ports'
import { openRedactor } from '#core/redact'
import type { End, Run } from '#core/run'
import { runCard } from '#core/run-card'
import { openTranscript, type Transcript } from '#core/transcript'
import type { WorkerHouse } from './house.ts'
import { openReport, type Report, silentReport } from './report.ts'
import { movedImage } from './same-image.ts'
import { openStay, takeOver } from './stay.ts'
import { stillAllowed } from './still-allowed.ts'
import { saveEnd, tell } from './tell.ts'

/** Endings that may wait for their platform's pace before this worker takes nothing more on. */
const mostUntold = 5_000

export type Conductor = {
  /**
   * Called once for each run, and again by another worker when the first one was cut off: then the tool is followed, not begun
   * again. Resolves when the ending is saved and nothing of it is left in the cluster; a slow platform doesn't hold up other runs.
   */
  run: (queued: Run) => Promise<void>
  /** Tells a saved ending when its platform takes it; does nothing where that is under way already. */
  tellLater: (run: Run, report: Report) => void
  /** Resolves when every ending has been told, at the latest after so many milliseconds: another worker's sweep tells the rest. */
  told: (patience: number) => Promise<void>
}

/** Hops 7 to 9: is it still allowed, run it, tell it. */
export function onRun(house: WorkerHouse): Conductor {
  const untold = new Map<string, Promise<void>>()
  const tellLater = (run: Run, report: Report) => {
    if (untold.has(run.id)) return
    const telling = house
      .span(run.id, 'tell the ending', () => tell(house, run, report))
      .catch((error: unknown) => house.log.error({ run: run.id, error: String(error) }, 'the ending is not told yet'))
      .finally(() => untold.delete(run.id))
    untold.set(run.id, telling)
  }
  const run = async (queued: Run): Promise<void> => {
    const run = await house.store.run(queued.id)
    if (run === undefined || run.end !== undefined || run.state === 'asking') return
    const cluster = house.clusters.get(run.spec.target.cluster)
    const adapter = house.adapters.get(run.message.platform)
    if (cluster === undefined || adapter === undefined) throw new Error(`run ${run.id}: no such cluster or chat here`)
    const report = run.fanOut === undefined ? openReport(adapter, run.message, house.log) : silentReport
    const transcript = openTranscript(openRedactor(house.redact()))
    const refused = await house.span(run.id, 'look once more whether it may', () => whyNot(house, run))
    const { end, gone, kept } =
      refused === undefined ? await follow(house, run, { cluster, adapter, report, transcript }) : { end: refused }
    const ended = await saveEnd(house, run, end, transcript.text(), kept)
    if (ended !== undefined) tellLater(ended, report)
    await gone
    while (untold.size > mostUntold) await Promise.race(untold.values())
  }
  return {
    run,
    tellLater,
    async told(patience) {
      const late = new Promise<void>((resolve) => setTimeout(resolve, patience).unref())
      await Promise.race([Promise.all(untold.values()), late])
    },
  }
}

/** Undefined where it may begin or go on. */
async function whyNot(house: WorkerHouse, run: Run): Promise<End | undefined> {
  const broken = await brokenSeal(house, run)
  if (broken !== undefined || run.state !== 'queued') return broken
  return (await stillAllowed(house, run)) ?? (await movedImage(house, run))
}

/** Nothing that somebody else wrote into Redis is run. */
async function brokenSeal(house: WorkerHouse, run: Run): Promise<End | undefined> {
  if (!house.isBroken(run)) return undefined
  house.log.error({ run: run.id }, 'ALARM: a run in the queue is not as any bot wrote it; it is not run')
  await house.audit('alarm', run.id, run.request.by.id, { why: 'broken seal' })
  const message = 'what was stored is not what was asked'
  return { reason: 'refused', at: house.now().toISOString(), message, complete: true }
}

type Way = { cluster: Cluster; adapter: ChatAdapter; report: Report; transcript: Transcript }

/** Begins the tool, or takes it over, and follows it to its end. */
async function follow(
  house: WorkerHouse,
  run: Run,
  way: Way,
): Promise<{ end: End; gone: Promise<void>; kept?: number | undefined }> {
  const { cluster, adapter, report, transcript } = way
  const stop = new AbortController()
  let canceler: string | undefined
  const forget = await house.cancelBus.onCancel(run.id, (by) => {
    canceler = by
    stop.abort()
  })
  try {
    const fresh = run.state === 'queued'
    const stay = await (fresh ? openStay : takeOver)(house, run, cluster)
    const { place } = stay
    // First this: a worker killed between the two leaves a run that is lost, not one whose start is on record twice.
    let current = fresh ? await changed(house, run, { state: 'starting', place }) : run
    await noteOutcome(house, run)
    if (fresh)
      await house.audit('started', run.id, run.request.by.id, {
        spec: house.hash(run.spec),
        node: run.spec.node,
        image: run.spec.image,
        ...stay.details,
      })
    const show = (soon?: boolean) =>
      report.show(() => progress(house, current, transcript, adapter.limits.outputChars), soon)
    show()
    const process = await stay.begin(stop.signal, async () => {
      current = await changed(house, current, { place: undefined })
    })
    // A tool that never starts leaves this open for ever; its ending is what counts then.
    let starting: Promise<void> | undefined
    void process.started.then((where) => {
      const startedAt = current.startedAt ?? house.now().toISOString()
      current = { ...current, state: 'running', startedAt }
      show()
      starting = stay.started(where).then(async (place = current.place) => {
        current = await changed(house, current, { state: 'running', startedAt, place })
      })
    })
    let first = true
    for await (const chunk of process.output) {
      transcript.add(chunk)
      show(first)
      first = false
    }
    const { gone } = process
    const end = await process.ended
    const byWhom = end.reason === 'canceled' && canceler !== undefined ? { message: `canceled by ${canceler}` } : {}
    await starting
    return { end: { ...end, ...byWhom }, gone, kept: await stay.ended(end) }
  } finally {
    await forget()
  }
}

async function changed(house: WorkerHouse, run: Run, change: Partial<Run>): Promise<Run> {
  const saved = await house.store.changeRun(run.id, (now) =>
    now.end === undefined ? { ...now, ...change } : undefined,
  )
  return saved ?? { ...run, ...change }
}

function progress(house: WorkerHouse, run: Run, transcript: Transcript, chars: number): Notice {
  if (run.startedAt === undefined) return { kind: 'starting', run: runCard(run) }
  const elapsed = Math.max(0, (house.now().getTime() - Date.parse(run.startedAt)) / 1_000)
  return { kind: 'running', run: runCard(run), output: transcript.view(chars), elapsed }
}

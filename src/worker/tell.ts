import { chartWords } from '#core/chart-words'
import { endedNotice, fileOf } from '#core/ended-notice'
import { noteOutcome } from '#core/fan-out-member'
import type { Chart } from '#core/insight'
import type { Notice } from '#core/notice'
import type { ChatAdapter, ChatLimits } from '#core/ports'
import { duration, type End, type Run } from '#core/run'
import type { WorkerHouse } from './house.ts'
import type { Report } from './report.ts'

type Ended = Extract<Notice, { kind: 'ended' }>

/** Saves output and ending. Undefined when somebody else saved an ending before: then that one is told, by them. */
export async function saveEnd(
  house: WorkerHouse,
  run: Run,
  end: End,
  text: string,
  kept?: number,
): Promise<Run | undefined> {
  await house.store.saveTranscript(run.id, text)
  let first = false
  const ended = await house.store.changeRun(run.id, (now) => {
    first = now.end === undefined
    return first ? { ...now, state: 'ended', end, ...(kept === undefined ? {} : { kept }) } : undefined
  })
  if (!first || ended === undefined) return undefined
  const { reason, exitCode } = end
  await house.audit('ended', run.id, run.request.by.id, {
    reason,
    complete: String(end.complete),
    transcript: house.hash(text),
    ...(exitCode === undefined ? {} : { exitCode: String(exitCode) }),
  })
  house.log.info({ run: run.id, person: run.request.by.id, reason, exitCode }, 'run ended')
  house.ended(reason, duration(ended, end))
  return ended
}

/** Tells a saved ending in its thread, with the whole output as a file where it doesn't fit, and notes that it was told. */
export async function tell(house: WorkerHouse, run: Run, report: Report): Promise<void> {
  const adapter = house.adapters.get(run.message.platform)
  if (adapter === undefined || run.end === undefined) return
  if (run.fanOut !== undefined) {
    await noteOutcome(house, run, run.end)
    await house.store.changeRun(run.id, (now) => ({ ...now, toldAt: house.now().toISOString() }))
    return
  }
  const transcript = async () => (await house.store.transcript(run.id)) ?? ''
  // Thousands of endings may wait for their turn; whole outputs aren't kept in memory for so long.
  const notice = wholeNotice(house, run, run.end, await transcript(), adapter.limits)
  const shown = await report.finish(notice)
  // That may have taken minutes, in which another worker may have told it.
  if ((await house.store.run(run.id))?.toldAt !== undefined) return
  if (shown && notice.file !== undefined) {
    const file = { name: notice.file, title: `Whole output of ${run.id}`, text: await transcript() }
    await adapter.attach(run.message, file).catch((error: unknown) => {
      house.log.error({ run: run.id, error: String(error) }, 'the whole output could not be attached')
    })
  }
  if (shown && notice.insight?.chart !== undefined) await attachChart(house, run, adapter, notice.insight.chart)
  await house.store.changeRun(run.id, (now) => ({ ...now, toldAt: house.now().toISOString() }))
}

/** A picture is a help, no part of the ending: without it everything is told all the same. */
async function attachChart(house: WorkerHouse, run: Run, adapter: ChatAdapter, chart: Chart): Promise<void> {
  try {
    const png = await house.picture(chart)
    if (png.length > adapter.limits.fileBytes) return
    const words = { title: chart.title, alt: chartWords(chart) }
    await adapter.attach(run.message, { name: `${run.id}.png`, png: Buffer.from(png).toString('base64'), ...words })
  } catch (error) {
    house.log.warn({ run: run.id, error: String(error) }, 'the chart could not be attached')
  }
}

/** The notice, and the name of the file with all of the output where the message doesn't hold it. */
function wholeNotice(house: WorkerHouse, run: Run, end: End, text: string, limits: ChatLimits): Ended {
  const notice = endedNotice(run, end, text, limits.outputChars, house.catalogue)
  return { ...notice, ...fileOf(run, notice.output, limits) }
}

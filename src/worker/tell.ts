import { noteOutcome } from '#core/fan-out-member'
import type { Notice } from '#core/notice'
import { duration, type End, type Run } from '#core/run'
import { runCard } from '#core/run-card'
import { viewText } from '#core/transcript'
import { hintFor } from './hints.ts'
import type { WorkerHouse } from './house.ts'
import type { Report } from './report.ts'

/** Saves output and ending. Undefined when somebody else saved an ending before: then that one is told, by them. */
export async function saveEnd(house: WorkerHouse, run: Run, end: End, text: string): Promise<Run | undefined> {
  await house.store.saveTranscript(run.id, text)
  let first = false
  const ended = await house.store.changeRun(run.id, (now) => {
    first = now.end === undefined
    return first ? { ...now, state: 'ended', end } : undefined
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
  const text = (await house.store.transcript(run.id)) ?? ''
  const notice = endedNotice(house, run, run.end, text, adapter.limits)
  const shown = await report.finish(notice)
  if (shown && notice.file !== undefined) {
    const file = { name: notice.file, title: `Whole output of ${run.id}`, text }
    await adapter.attach(run.message, file).catch((error: unknown) => {
      house.log.error({ run: run.id, error: String(error) }, 'the whole output could not be attached')
    })
  }
  await house.store.changeRun(run.id, (now) => ({ ...now, toldAt: house.now().toISOString() }))
}

function endedNotice(
  house: WorkerHouse,
  run: Run,
  end: End,
  text: string,
  limits: { outputChars: number; fileBytes: number },
): Extract<Notice, { kind: 'ended' }> {
  const output = viewText(text, limits.outputChars)
  const hint = hintFor(run, end, text, house.catalogue)
  const whole = output.linesBefore === 0 && !output.tail.startsWith('…')
  const attachable = !whole && output.bytes <= limits.fileBytes
  return {
    kind: 'ended',
    run: runCard(run),
    end,
    duration: duration(run, end),
    output,
    ...(hint === undefined ? {} : { hint }),
    ...(attachable ? { file: `${run.id}.txt` } : {}),
  }
}

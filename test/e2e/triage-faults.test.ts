import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { openStore } from '#test/environment/store'
import { waitUntil } from '#test/flow/wait-for'
import { askTriage, countsIn, triageIdIn } from '#test/triage/faults/ask-triage'
import { faults } from '#test/triage/faults/faults'
import { type FaultResult, findingsIn, type ShownFinding } from '#test/triage/faults/findings'
import { load } from '#test/triage/faults/load'
import { type RecordedCase, recordedCases, writeRecorded } from '#test/triage/faults/record'
import { useBench } from '#test/triage/faults/use-bench'

// Faults that are really made: a client sees them first, then triage has to name what was changed. `npm run triage-faults` runs all of
// them, and names the file for their results; with the other tests a few run.

const resultFile = process.env['RETINA_TRIAGE_FAULTS']
const recordFolder = process.env['RETINA_TRIAGE_RECORD']
const wanted = process.env['RETINA_TRIAGE_FAULT']
const isLoaded = process.env['RETINA_TRIAGE_LOAD'] === '1'
const chosen = faults.filter(({ name, short }) =>
  resultFile === undefined ? short === true : name.includes(wanted ?? ''),
)

const { opened, redis } = useBench()
const results: FaultResult[] = []
const recorded: RecordedCase[] = []

/** Adds the outputs of a triage's findings to the recorded cases. */
async function record(triage: string, fault: string): Promise<void> {
  if (recordFolder === undefined) return
  const connection = new Redis(redis.url())
  try {
    recorded.push(...(await recordedCases(openStore(connection), triage, fault)))
  } finally {
    connection.disconnect()
  }
  writeRecorded(recordFolder, recorded)
}

/** Starts the warm containers of both nodes: a fault that comes later meets them. */
test('of a healthy node nothing fails, and at most two things are to watch', async () => {
  const { app } = opened()
  for (const node of ['node001', 'node002']) {
    const text = await askTriage(app, node)
    const { fail, warn } = countsIn(text)
    expect({ fail, isQuiet: warn <= 2, text: fail === 0 ? '' : text }).toEqual({ fail: 0, isQuiet: true, text: '' })
  }
})

test.each(chosen.map((fault) => [fault.name, fault] as const))(
  '%s: what was changed is the first finding',
  async (name, fault) => {
    const { app, bench } = opened()
    if (isLoaded) await load(bench, 'node001')
    if (fault.fresh === undefined)
      await waitUntil('the client sees nothing before', async () => !(await fault.symptom(bench).catch(() => true)))
    await fault.make(bench)
    await waitUntil(`a client sees it: ${fault.seen}`, () => fault.symptom(bench))
    const begin = Date.now()
    const text = await askTriage(app, fault.triage(bench))
    const findings = findingsIn(text)
    const also = fault.also === undefined ? 1 : placeOf(findings, fault.also)
    const place = placeOf(findings, fault.changed)
    const [first = { said: 'nothing', check: '-', evidence: '' }] = findings
    const seconds = (Date.now() - begin) / 1_000
    results.push({ name, seen: fault.seen, first: first.said, check: first.check, place, seconds, text })
    if (resultFile !== undefined) writeFileSync(resultFile, JSON.stringify(results))
    await record(triageIdIn(text), name)
    expect({ also: also >= 1 && also <= 3, place, first, text: place === 1 ? '' : text }).toMatchObject({
      also: true,
      place: 1,
    })
  },
  900_000,
)

const placeOf = (findings: readonly ShownFinding[], changed: RegExp) =>
  findings.findIndex(({ evidence }) => changed.test(evidence)) + 1

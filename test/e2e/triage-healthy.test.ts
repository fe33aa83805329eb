import { writeFileSync } from 'node:fs'
import { afterAll, expect, test } from '@jest/globals'
import { askTriage, countsIn } from '#test/triage/faults/ask-triage'
import { countRequests } from '#test/triage/faults/count-requests'
import { load } from '#test/triage/faults/load'
import type { Measured } from '#test/triage/faults/measured'
import { useBench } from '#test/triage/faults/use-bench'

// A healthy node, idle and under load: nothing fails, and at most two checks warn. `npm run triage-faults -- --healthy N` asks N times, and
// names the file for times and counts.

const resultFile = process.env['RETINA_TRIAGE_HEALTHY_FILE']
const times = Number(process.env['RETINA_TRIAGE_HEALTHY'] ?? 1)

const { cluster, opened } = useBench()
const measured: Measured[] = []

afterAll(() => {
  if (resultFile !== undefined) writeFileSync(resultFile, JSON.stringify(measured))
})

async function measure(kind: string): Promise<void> {
  const requests = countRequests(cluster())
  const begin = Date.now()
  const text = await askTriage(opened().app, 'node001 everything')
  const seconds = (Date.now() - begin) / 1_000
  const seen = requests()
  const creates = seen.filter((each) => each === 'create pods').length
  const execs = seen.filter((each) => each.endsWith('pods/exec')).length
  const one = { kind, seconds, ...countsIn(text), creates, execs, requests: seen.length }
  measured.push(one)
  expect({ ...one, text: one.fail > 0 || one.warn > 2 ? text : '' }).toMatchObject({ fail: 0, text: '' })
  expect(one.warn).toBeLessThanOrEqual(2)
  expect(one.good).toBeGreaterThan(40)
  expect(creates + execs).toBeLessThanOrEqual(2)
}

test('a healthy node has no failure, cold and warm', async () => {
  await measure('cold')
  for (let time = 0; time < times; time += 1) await measure('warm')
}, 900_000)

test('a healthy node under load has no failure', async () => {
  for (let time = 0; time < times; time += 1) {
    // It ends after two minutes.
    const { bench } = opened()
    await load(bench)
    await measure('under load')
    await bench.undoAll()
  }
}, 900_000)

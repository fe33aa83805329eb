import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type ChaosEnvironment, openChaosEnvironment } from '#test/chaos/environment'
import { commandKinds } from '#test/chaos/kinds'
import { shortPace } from '#test/chaos/pace'
import { type FaultAttempts, faultName, planEveryKind } from '#test/chaos/plan'
import { seededRandom } from '#test/chaos/random'
import { runChaos, violations } from '#test/chaos/run'
import { useCluster } from '#test/environment/cluster'

const cluster = useCluster()
const folder = mkdtempSync(join(tmpdir(), 'retina-chaos-logs-'))
let context: ChaosEnvironment | undefined

beforeAll(async () => {
  context = await openChaosEnvironment(cluster(), folder, shortPace)
})
afterAll(async () => {
  await context?.close()
  rmSync(folder, { recursive: true, force: true })
})

function run(plan: readonly (readonly FaultAttempts[])[], seed: number) {
  if (context === undefined) throw new Error('the context is not set')
  return runChaos(context, { seed, plan, wanted: plan.flat().length, log: () => undefined })
}

// `npm run chaos` is the long form of both tests, with the program's default times.
test('a rolling restart of all bots and workers under load loses no command and interrupts no run', async () => {
  const outcome = await run([[[{ kind: 'rolling restart' }]]], 1)
  expect(violations(outcome)).toEqual([])
  expect(outcome.injected).toEqual({ 'rolling restart': 1 })
  const { ends, accepted } = outcome.verdict
  expect(accepted).toBeGreaterThan(5)
  expect(ends['completed']).toBeGreaterThan(5)
  // Some runs are canceled by their requesters; all others complete.
  expect(Object.keys(ends).filter((reason) => reason !== 'completed' && reason !== 'canceled')).toEqual([])
}, 900_000)

test('T21 T40 every kind of fault in two bots, three workers and what they depend on: every accepted command ends once and shows it', async () => {
  const plan = planEveryKind(seededRandom(7))
  const outcome = await run(plan, 7)
  expect(violations(outcome)).toEqual([])
  const { injected, sent, verdict } = outcome
  // With too few injected faults the test would prove nothing.
  expect(Object.values(injected).reduce((sum, many) => sum + many, 0)).toBeGreaterThan(plan.flat().length * 0.5)
  expect(Object.keys(injected).toSorted()).toEqual([...new Set(plan.flat(2).map(faultName))].toSorted())
  expect(Object.keys(sent).toSorted()).toEqual([...commandKinds].toSorted())
  expect(verdict.ends['completed']).toBeGreaterThan(5)
}, 900_000)

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { type Fault, planOf } from '#test/chaos/plan'
import { randomOf } from '#test/chaos/random'
import { chaos, complaints } from '#test/chaos/run'
import { atEnd } from '#test/flow/house'
import { useCluster } from '#test/real/cluster'

const cluster = useCluster()

function run(plan: readonly Fault[], seed: number) {
  const folder = mkdtempSync(join(tmpdir(), 'retina-chaos-logs-'))
  atEnd(async () => rmSync(folder, { recursive: true, force: true }))
  return chaos({ cluster: cluster(), seed, plan, wanted: plan.length, folder, say: () => undefined })
}

// The long form of this: `npm run chaos`.
test('T21 T40 two bots and three workers, and what is around them, break twenty times: every accepted command ends once and says so', async () => {
  const plan = planOf(20, randomOf(7))
  const { verdict, injected, ...outcome } = await run(plan, 7)
  expect(complaints({ verdict, injected, ...outcome })).toEqual([])
  // Else nothing much would have been tested.
  expect(Object.values(injected).reduce((sum, many) => sum + many, 0)).toBeGreaterThan(plan.length * 0.5)
  expect(verdict.ends['completed']).toBeGreaterThan(5)
}, 580_000)

test('a rolling restart of all bots and workers under load loses nothing and cuts nothing short', async () => {
  const outcome = await run([{ kind: 'rolling restart' }], 1)
  expect(complaints(outcome)).toEqual([])
  const { ends, accepted } = outcome.verdict
  expect(accepted).toBeGreaterThan(5)
  expect(ends['completed']).toBeGreaterThan(5)
  // Some are called off by whoever asked for them; nothing else ends before its time.
  expect(Object.keys(ends).filter((reason) => reason !== 'completed' && reason !== 'canceled')).toEqual([])
}, 500_000)

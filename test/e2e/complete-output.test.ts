import { expect, test } from '@jest/globals'
import type { End } from '#core/runs/run'
import { useCluster } from '#test/environment/cluster'
import { portTo } from '#test/environment/cluster-port'
import { debugPods } from '#test/environment/debug-pods'
import { sampleRequest, sampleRun } from '#test/samples/run'

const cluster = useCluster()

/** Number of concurrent runs: enough for contention, few enough for two cores. */
const atOnce = 8
const runs = 200

test('200 runs of a tool that prints one line and exits at once: 200 complete outputs', async () => {
  const port = portTo(cluster())
  const results: { text: string; end: End }[] = []
  let next = 0
  const one = async () => {
    while (next < runs) {
      const number = next++
      results[number] = await runOnce(port, number)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  const expected = Array.from({ length: runs }, (_each, number) => `one line of run ${number}\n`)
  expect(results.filter(({ end }) => end.reason !== 'completed' || !end.complete)).toEqual([])
  expect(results.map(({ text }) => text)).toEqual(expected)
  expect(await debugPods(cluster())).toEqual([])
})

async function runOnce(port: ReturnType<typeof portTo>, number: number) {
  const id = `one${String(number).padStart(4, '0')}`
  const node = number % 2 === 0 ? 'node001' : 'node002'
  const request = sampleRequest({ id, target: { kind: 'node', cluster: 'dev', name: node } })
  const { spec } = sampleRun({ request })
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': id }
  const pipeline = [['echo', `one line of run ${number}`]]
  const { namespace } = cluster()
  // Eight containers that start at the same time on a busy machine take longer than the sample's 30 s.
  const full = {
    ...spec,
    startTimeout: 240,
    namespace,
    image: 'localhost/retina-chatops/shell:dev',
    node,
    labels,
    pipeline,
  }
  const process = port.launch({ id, spec: full, by: request.by }, new AbortController().signal)
  let text = ''
  for await (const chunk of process.output) text += chunk.text
  const end = await process.ended
  await process.remove()
  return { text, end }
}

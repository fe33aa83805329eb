import { expect, test } from '@jest/globals'
import { useCluster } from '#test/environment/cluster'
import { findFault } from '#test/every-tool/check-outcome'
import { rows } from '#test/every-tool/rows'
import { runRows } from '#test/every-tool/run-rows'

const cluster = useCluster()

test('every example of every tool comes out as expected on a node and in a pod, with exactly the rights that its tool names', async () => {
  const outcomes = await runRows(cluster(), rows)
  expect(outcomes).toHaveLength(rows.length)
  expect(outcomes.map(findFault).filter((fault) => fault !== undefined)).toEqual([])
})

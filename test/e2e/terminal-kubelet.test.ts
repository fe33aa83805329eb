import { afterEach, expect, test } from '@jest/globals'
import { nodeExec } from '#dev/dev-cluster/node'
import { useCluster } from '#test/environment/cluster'
import { countingShell, expectedTicks, expectedTyped, readCountingSession } from '#test/environment/counted-session'
import { existingDebugPods, removeDebugPods } from '#test/environment/debug-pods'
import { nodeProcesses, sessionsOn } from '#test/environment/sessions'
import { waitUntil } from '#test/flow/wait-for'

const cluster = useCluster()
afterEach(() => removeDebugPods(cluster()), 60_000)

test('a session outlives restarts of the kubelet and of the API server: no byte is lost, no key typed twice', async () => {
  const { work, shell, attach, remove } = await sessionsOn(cluster()).begin(countingShell)
  shell.close()
  const breaks: Promise<unknown>[] = []
  const counted = await readCountingSession(attach, (attaches) => {
    if (attaches === 1) breaks.push(nodeExec('node001', ['systemctl', 'restart', 'kubelet']))
    if (attaches === 2) breaks.push(cluster().stopApiServer().then(cluster().startApiServer))
  })
  await Promise.all(breaks)
  expect(breaks).toHaveLength(2)
  expect(counted.end).toMatchObject({ exitCode: 5, why: 'exited', total: counted.total, sha256: counted.sha256 })
  expect(counted.ticks).toEqual(expectedTicks)
  expect(counted.typed).toEqual(expectedTyped)
  await remove()
  await waitUntil('no pod is left', async () => (await existingDebugPods(cluster())).length === 0, 60)
  expect(await nodeProcesses('node001', work.id)).toEqual([])
}, 240_000)

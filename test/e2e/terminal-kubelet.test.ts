import { afterEach, expect, test } from '@jest/globals'
import { nodeExec } from '#dev/dev-cluster/node'
import { useCluster } from '#test/environment/cluster'
import { countingShell, expectedTicks, expectedTyped, readCountingSession } from '#test/environment/counted-session'
import { existingDebugPods, removeDebugPods } from '#test/environment/debug-pods'
import { nodeProcesses, sessionsOn } from '#test/environment/sessions'
import { waitUntil } from '#test/flow/wait-for'

const cluster = useCluster()
afterEach(() => removeDebugPods(cluster()))

test('a session outlives restarts of the kubelet and of the API server: no byte is lost, no key typed twice', async () => {
  const { work, shell, attach, remove } = await sessionsOn(cluster()).begin(countingShell)
  shell.close()
  const { promise: broken, reject } = Promise.withResolvers<never>()
  const breaks: Promise<unknown>[] = []
  const restart = (work: Promise<unknown>) => {
    breaks.push(work)
    work.catch(reject)
  }
  const reading = readCountingSession(attach, (attaches) => {
    if (attaches === 1) restart(nodeExec('node001', ['systemctl', 'restart', 'kubelet']))
    if (attaches === 2) restart(cluster().stopApiServer().then(cluster().startApiServer))
  })
  const counted = await Promise.race([reading, broken])
  await Promise.all(breaks)
  expect(breaks).toHaveLength(2)
  expect(counted.end).toMatchObject({ exitCode: 5, why: 'exited', total: counted.total, sha256: counted.sha256 })
  expect(counted.ticks).toEqual(expectedTicks)
  expect(counted.typed).toEqual(expectedTyped)
  await remove()
  await waitUntil('no pod is left', async () => (await existingDebugPods(cluster())).length === 0)
  expect(await nodeProcesses('node001', work.id)).toEqual([])
})

import { expect, test } from '@jest/globals'
import type { V1ContainerState, V1Pod } from '@kubernetes/client-node'
import type { TerminalWork } from '#core/ports/terminal'
import type { Connection } from '#src/kubernetes/api/connection'
import { createSessionContainers } from '#src/kubernetes/terminal/create-session-container'
import { unsupportedMessage } from '#src/kubernetes/terminal/session-exec-errors'
import type { Workload } from '#src/kubernetes/workload/workload'
import { sampleRequest, sampleRun } from '#test/samples/run'

const id = 'aaaaaaaaaaaa'
const { spec, request } = sampleRun({ request: sampleRequest({ id }) })
const work: TerminalWork = { id, spec, by: request.by, maxSeconds: 600 }

/** Opens containers whose pod is in this state as soon as it is made; `done` says what was asked of it. */
function containersIn(state: V1ContainerState) {
  const done: string[] = []
  const pod: V1Pod = {
    metadata: { name: `retina-${id}`, namespace: 'retina-chatops', uid: 'uid-1' },
    status: { containerStatuses: [{ name: 'shell', state, image: 'x', imageID: 'x', ready: true, restartCount: 0 }] },
  }
  const workload: Workload = {
    ...{ container: 'shell', stays: false, begin: async () => pod, find: async () => pod },
    dryRun: async () => undefined,
    stop: async () => void done.push('stop'),
    clean: async () => void done.push('clean'),
  }
  const connection = {} as Connection
  return { done, ...createSessionContainers({ cluster: 'dev', connection, workloadOf: () => workload }) }
}

const never = new AbortController().signal

test('a container that runs is where its session is started', async () => {
  const { create, done } = containersIn({ running: {} })
  const place = { cluster: 'dev', namespace: 'retina-chatops', pod: `retina-${id}`, container: 'shell', uid: 'uid-1' }
  expect(await create(work, never)).toEqual(place)
  expect(done).toEqual([])
})

test('an image whose runner doesn’t know sessions is told by what to do, and nothing of it is left', async () => {
  const { create, done } = containersIn({ terminated: { exitCode: 2, reason: 'Error' } })
  await expect(create(work, never)).rejects.toThrow(unsupportedMessage)
  expect(done).toEqual(['stop'])
})

test('an image without a runner is told by its name, and one that can’t be pulled too', async () => {
  const none = { terminated: { exitCode: 128, reason: 'StartError', message: 'exec: retina-run: no such file' } }
  await expect(containersIn(none).create(work, never)).rejects.toThrow('the image x can')
  const unknown = { waiting: { reason: 'ImagePullBackOff', message: 'not found' } }
  await expect(containersIn(unknown).create(work, never)).rejects.toThrow("the image x can't be pulled: not found")
})

test('removing a session ends its container; on a node also the pod of one that has ended', async () => {
  const running = containersIn({ running: {} })
  await running.remove(work)
  expect(running.done).toEqual(['stop'])
  const ended = containersIn({ terminated: { exitCode: 0 } })
  await ended.remove(work)
  expect(ended.done).toEqual(['stop'])
  const inPod = containersIn({ terminated: { exitCode: 0 } })
  const target = { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'web-1' } as const
  await inPod.remove({ ...work, spec: { ...spec, target } })
  expect(inPod.done).toEqual([])
})

import { expect, test } from '@jest/globals'
import type { V1Pod } from '@kubernetes/client-node'
import { containerState } from '#src/kubernetes/workload/container-state'
import { containerStatus } from '#test/samples/container-status'

function podWith(state: object, change: object = {}): V1Pod {
  const status = containerStatus('shell', { image: 'a.io/shell:v1', state })
  return { status: { phase: 'Pending', containerStatuses: [status], ...change } } as V1Pod
}

test.each([
  [{ running: {} }, { phase: 'running' }],
  [{ terminated: { exitCode: 3 } }, { phase: 'terminated', exitCode: 3 }],
  [{ waiting: { reason: 'ContainerCreating' } }, { phase: 'waiting', reason: 'ContainerCreating' }],
  [{ waiting: { reason: 'ErrImagePull' } }, { phase: 'waiting' }],
  [
    { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image\nmore' } },
    {
      phase: 'never',
      reason: 'image-unavailable',
      message: "the image a.io/shell:v1 can't be pulled: Back-off pulling image",
    },
  ],
  [{ waiting: { reason: 'InvalidImageName' } }, { phase: 'never', reason: 'image-unavailable' }],
  [
    { waiting: { reason: 'CreateContainerError', message: 'no such thing' } },
    { phase: 'never', reason: 'cluster-error', message: 'the container could not be started: no such thing' },
  ],
  [
    { terminated: { exitCode: 128, reason: 'StartError', message: 'exec: "/usr/local/bin/retina-run": no such file' } },
    { phase: 'never', reason: 'image-unavailable' },
  ],
])('%j is %j', (state, expected) => {
  expect(containerState(podWith(state), 'shell')).toMatchObject(expected)
})

test('a pod that the kubelet refused never starts: no room, evicted', () => {
  const pod = {
    status: { phase: 'Failed', reason: 'OutOfpods', message: 'Node didn’t have enough resource: pods' },
  } as V1Pod
  expect(containerState(pod, 'shell')).toEqual({
    phase: 'never',
    reason: 'cluster-error',
    message: 'Node didn’t have enough resource: pods',
  })
})

test('an ephemeral container is found by its name; another container’s state isn’t used', () => {
  const other = podWith({ running: {} })
  expect(containerState(other, 'retina-abc')).toMatchObject({ phase: 'waiting' })
  const status = containerStatus('retina-abc', { state: { running: {} } })
  expect(containerState({ status: { ephemeralContainerStatuses: [status] } } as V1Pod, 'retina-abc')).toEqual({
    phase: 'running',
  })
})

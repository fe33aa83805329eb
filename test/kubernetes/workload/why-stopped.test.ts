import { expect, test } from '@jest/globals'
import type { V1ContainerStatus, V1Pod, V1PodStatus } from '@kubernetes/client-node'
import { describeStop } from '#src/kubernetes/workload/why-stopped'

const place = { uid: 'u1', container: 'retina-1', target: 'app' }
const at = (second: number) => new Date(Date.UTC(2026, 10, 28, 10, 0, second))

const status = (name: string, more: Partial<V1ContainerStatus>): V1ContainerStatus => ({
  ...{ name, image: 'x', imageID: '', ready: false, restartCount: 0 },
  ...more,
})
const ended = (exitCode: number, reason: string, second = 20) => ({
  terminated: { exitCode, reason, finishedAt: at(second) },
})
const own = status('retina-1', { state: { running: { startedAt: at(10) } } })

const pod = (given: V1PodStatus, restartPolicy = 'Always'): V1Pod => ({
  metadata: { uid: 'u1' },
  spec: { restartPolicy, containers: [] },
  status: { ephemeralContainerStatuses: [own], ...given },
})

test.each<[string, V1Pod | undefined, string | undefined]>([
  ['a pod that is gone', undefined, 'its pod was deleted while the tool ran'],
  ['another pod of that name', { metadata: { uid: 'u2' } }, 'its pod was deleted while the tool ran'],
  [
    'a pod that is being deleted',
    { metadata: { uid: 'u1', deletionTimestamp: at(1) } },
    'its pod was deleted while the tool ran',
  ],
  ['a completed pod', pod({ phase: 'Succeeded' }), 'its pod has ended (Completed), and the tool with it'],
  [
    'a pod whose containers have completed',
    pod({ phase: 'Running', containerStatuses: [status('app', { state: ended(0, 'Completed') })] }, 'Never'),
    'its pod has ended (Completed), and the tool with it',
  ],
  [
    'a failed pod',
    pod({ phase: 'Failed', containerStatuses: [status('app', { state: ended(3, 'Error') })] }, 'Never'),
    'its pod has ended (Error), and the tool with it',
  ],
  [
    'a pod whose init container failed',
    pod(
      {
        phase: 'Failed',
        containerStatuses: [status('app', { state: { waiting: { reason: 'PodInitializing' } } })],
        initContainerStatuses: [status('migrate', { state: ended(3, 'Error') })],
      },
      'Never',
    ),
    'its pod has ended (its init container migrate failed: exit code 3), and the tool with it',
  ],
  ['an evicted pod', pod({ phase: 'Failed', reason: 'Evicted' }), 'its pod has ended (Evicted), and the tool with it'],
  [
    'a restarted container',
    pod({
      phase: 'Running',
      containerStatuses: [status('app', { restartCount: 1, state: { running: {} }, lastState: ended(1, 'Error') })],
    }),
    'its container app was restarted (Error), and the tool with it',
  ],
  [
    'a container that was restarted before',
    pod({
      phase: 'Running',
      containerStatuses: [status('app', { restartCount: 1, state: { running: {} }, lastState: ended(1, 'Error', 5) })],
    }),
    undefined,
  ],
  [
    'a container that waits for its restart',
    pod({ phase: 'Running', containerStatuses: [status('app', { restartCount: 1, state: ended(137, 'OOMKilled') })] }),
    'its container app ended (OOMKilled), and the tool with it',
  ],
  [
    'a pod that runs',
    pod({ phase: 'Running', containerStatuses: [status('app', { state: { running: {} } })] }),
    undefined,
  ],
  [
    'a debug pod whose tool was killed',
    pod({ phase: 'Failed', containerStatuses: [status('retina-1', { state: ended(137, 'OOMKilled') })] }, 'Never'),
    undefined,
  ],
  [
    'an evicted debug pod',
    pod(
      { phase: 'Failed', reason: 'Evicted', containerStatuses: [status('retina-1', { state: ended(137, 'Error') })] },
      'Never',
    ),
    'its pod was ended (Evicted)',
  ],
])('%s', (_what, given, expected) => {
  expect(describeStop(given, place)).toBe(expected)
})

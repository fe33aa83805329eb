import { expect, test } from '@jest/globals'
import type { V1Pod, V1PodStatus } from '@kubernetes/client-node'
import type { Connection } from '#src/kubernetes/api/connection'
import { describeStop, whyStopped } from '#src/kubernetes/workload/why-stopped'
import { containerStatus } from '#test/samples/container-status'

const place = { uid: 'u1', container: 'retina-1', target: 'app' }
const at = (second: number) => new Date(Date.UTC(2026, 10, 28, 10, 0, second))

const ended = (exitCode: number, reason: string, second = 20) => ({
  terminated: { exitCode, reason, finishedAt: at(second) },
})
const own = containerStatus('retina-1', { state: { running: { startedAt: at(10) } } })

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
    pod({ phase: 'Running', containerStatuses: [containerStatus('app', { state: ended(0, 'Completed') })] }, 'Never'),
    'its pod has ended (Completed), and the tool with it',
  ],
  [
    'a failed pod',
    pod({ phase: 'Failed', containerStatuses: [containerStatus('app', { state: ended(3, 'Error') })] }, 'Never'),
    'its pod has ended (Error), and the tool with it',
  ],
  [
    'a pod whose init container failed',
    pod(
      {
        phase: 'Failed',
        containerStatuses: [containerStatus('app', { state: { waiting: { reason: 'PodInitializing' } } })],
        initContainerStatuses: [containerStatus('migrate', { state: ended(3, 'Error') })],
      },
      'Never',
    ),
    'its pod has ended (its init container migrate failed: exit code 3), and the tool with it',
  ],
  [
    'a pod whose init container failed, and whose tool has not been reported as ended',
    pod(
      {
        phase: 'Pending',
        containerStatuses: [containerStatus('app', { state: { waiting: { reason: 'PodInitializing' } } })],
        initContainerStatuses: [containerStatus('migrate', { state: ended(3, 'Error') })],
      },
      'Never',
    ),
    'its pod has ended (its init container migrate failed: exit code 3), and the tool with it',
  ],
  [
    'a pod whose init container is tried again',
    pod({ phase: 'Pending', initContainerStatuses: [containerStatus('migrate', { state: ended(3, 'Error') })] }),
    undefined,
  ],
  ['an evicted pod', pod({ phase: 'Failed', reason: 'Evicted' }), 'its pod has ended (Evicted), and the tool with it'],
  [
    'a restarted container',
    pod({
      phase: 'Running',
      containerStatuses: [
        containerStatus('app', { restartCount: 1, state: { running: {} }, lastState: ended(1, 'Error') }),
      ],
    }),
    'its container app was restarted (Error), and the tool with it',
  ],
  [
    'a container that was restarted before',
    pod({
      phase: 'Running',
      containerStatuses: [
        containerStatus('app', { restartCount: 1, state: { running: {} }, lastState: ended(1, 'Error', 5) }),
      ],
    }),
    undefined,
  ],
  [
    'a container that waits for its restart',
    pod({
      phase: 'Running',
      containerStatuses: [containerStatus('app', { restartCount: 1, state: ended(137, 'OOMKilled') })],
    }),
    'its container app ended (OOMKilled), and the tool with it',
  ],
  [
    'a pod that runs',
    pod({ phase: 'Running', containerStatuses: [containerStatus('app', { state: { running: {} } })] }),
    undefined,
  ],
  [
    'a debug pod whose tool was killed',
    pod(
      { phase: 'Failed', containerStatuses: [containerStatus('retina-1', { state: ended(137, 'OOMKilled') })] },
      'Never',
    ),
    undefined,
  ],
  [
    'an evicted debug pod',
    pod(
      {
        phase: 'Failed',
        reason: 'Evicted',
        containerStatuses: [containerStatus('retina-1', { state: ended(137, 'Error') })],
      },
      'Never',
    ),
    'its pod was ended (Evicted)',
  ],
])('%s', (_what, given, expected) => {
  expect(describeStop(given, place)).toBe(expected)
})

const running = pod({ phase: 'Running', containerStatuses: [containerStatus('app', { state: { running: {} } })] })
const completed = pod({ phase: 'Succeeded' })
const toolEnded: V1Pod = {
  ...running,
  status: {
    ...running.status,
    ephemeralContainerStatuses: [containerStatus('retina-1', { state: ended(143, 'Error') })],
  },
}

const unknown = 'it was stopped from outside while it ran'

/** Asks why a tool was stopped, of a cluster whose pod is `pods[n]` after n half seconds, then stays the last. */
async function whyAfter(pods: readonly (V1Pod | Error)[], endsWithTool: boolean) {
  let nowMs = 0
  const readNamespacedPod = () => {
    const found = pods[Math.min(nowMs / 500, pods.length - 1)] as V1Pod | Error
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found)
  }
  const sleep = async (delayMs: number) => {
    nowMs += delayMs
  }
  const clock = { now: () => nowMs, sleep }
  const core = { readNamespacedPod } as unknown as Connection['core']
  const asked = { ...place, namespace: 'shop', name: 'web', endsWithTool, otherwise: unknown }
  const why = await whyStopped({ core }, asked, clock)
  return { why, afterMs: nowMs }
}
const done = 'its pod has ended (Completed), and the tool with it'

test.each<[string, (V1Pod | Error)[], boolean, { why: string; afterMs: number }]>([
  ['at once', [completed], true, { why: done, afterMs: 0 }],
  ['after a late report', [...Array<V1Pod>(20).fill(running), completed], true, { why: done, afterMs: 10_000 }],
  ['without any report', [running], true, { why: unknown, afterMs: 15_000 }],
  ['once the tool is reported as ended', [running, toolEnded], true, { why: unknown, afterMs: 2_500 }],
  ['of a container that stays', [running], false, { why: unknown, afterMs: 2_500 }],
  [
    'while the API server is away',
    [new Error('away'), new Error('away'), completed],
    false,
    { why: done, afterMs: 1_000 },
  ],
])('the kubelet’s report is awaited: %s', async (_what, pods, endsWithTool, expected) => {
  expect(await whyAfter(pods, endsWithTool)).toEqual(expected)
})

import { expect, test } from '@jest/globals'
import type { V1Pod } from '@kubernetes/client-node'
import { namedContainers, whyContainerNotRunning, whyNotDebuggable } from '#src/kubernetes/workload/debuggable-pod'

const always = { name: 'mesh', restartPolicy: 'Always' }
const spec = { nodeName: 'node001', containers: [{ name: 'app' }], initContainers: [{ name: 'migrate' }, always] }
const sandbox = { type: 'PodReadyToStartContainers', status: 'True' }

function pod(status: object, change: object = {}): V1Pod {
  const conditions = [sandbox]
  return { metadata: { name: 'web-1' }, spec, status: { phase: 'Pending', conditions, ...status }, ...change } as V1Pod
}

const container = (name: string, state: object, lastState: object = {}) => ({ name, state, lastState, ready: false })
const app = container('app', { waiting: { reason: 'PodInitializing' } })

test.each([
  ['an init container that doesn’t end', { initContainerStatuses: [container('migrate', { running: {} })] }],
  [
    'an init container that fails',
    { initContainerStatuses: [container('migrate', { waiting: { reason: 'CrashLoopBackOff' } })] },
  ],
  ['an image that isn’t there', { containerStatuses: [container('app', { waiting: { reason: 'ImagePullBackOff' } })] }],
  [
    'a container that crashes',
    { phase: 'Running', containerStatuses: [container('app', { waiting: { reason: 'CrashLoopBackOff' } })] },
  ],
  ['an address, of a kubelet that reports no sandbox', { conditions: [], podIP: '10.0.0.1' }],
  ['a container that had begun, likewise', { conditions: [], containerStatuses: [{ ...app, containerID: 'c://1' }] }],
])('a pod with %s can be debugged', (_name, status) => {
  expect(whyNotDebuggable(pod({ containerStatuses: [app], ...status }))).toBeUndefined()
})

const notScheduled = { type: 'PodScheduled', status: 'False', message: '0/3 nodes are available: 3 Insufficient cpu.' }

test.each([
  [
    'that completed',
    pod({
      phase: 'Succeeded',
      containerStatuses: [container('app', { terminated: { exitCode: 0, reason: 'Completed' } })],
    }),
    'has ended (Completed), so nothing can be started in it',
  ],
  [
    'whose init container failed for good',
    pod({
      phase: 'Failed',
      containerStatuses: [app],
      initContainerStatuses: [container('migrate', { terminated: { exitCode: 3, reason: 'Error' } })],
    }),
    'has ended (Init:Error): its init container migrate ended with exit code 3, so nothing can be started in it',
  ],
  [
    'whose container failed for good',
    pod({
      phase: 'Failed',
      containerStatuses: [container('app', { terminated: { exitCode: 137, reason: 'OOMKilled' } })],
    }),
    'has ended (OOMKilled): its container app ended with exit code 137 (OOMKilled), so nothing can be started in it',
  ],
  [
    'that was evicted',
    pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
    'has ended (Evicted): The node was low on resource: memory, so nothing can be started in it',
  ],
  [
    'that is being deleted',
    pod({ phase: 'Running' }, { metadata: { deletionTimestamp: new Date() } }),
    'is being deleted (Terminating), so nothing can be started in it',
  ],
  [
    'that no node takes',
    pod({ conditions: [notScheduled] }, { spec: { containers: [] } }),
    'is on no node yet (Pending: 0/3 nodes are available: 3 Insufficient cpu), so nothing can be started in it',
  ],
  [
    'whose sandbox isn’t there',
    pod({
      conditions: [{ ...sandbox, status: 'False' }],
      containerStatuses: [container('app', { waiting: { reason: 'ContainerCreating' } })],
    }),
    'has no sandbox on node001 yet (ContainerCreating), so nothing can be started in it',
  ],
])('a pod %s can’t be debugged, and says why', (_name, given, why) => {
  expect(whyNotDebuggable(given)).toBe(why)
})

test('init containers and sidecars can be named; one that isn’t running says how it ended', () => {
  const crashing = container(
    'app',
    { waiting: { reason: 'CrashLoopBackOff' } },
    { terminated: { exitCode: 2, reason: 'Error' } },
  )
  const given = pod({
    containerStatuses: [crashing],
    initContainerStatuses: [
      container('migrate', { terminated: { exitCode: 0, reason: 'Completed' } }),
      container('mesh', { running: {} }),
    ],
  })
  expect(namedContainers(given)).toEqual(['app', 'mesh', 'migrate'])
  expect(whyContainerNotRunning(given, 'mesh')).toBeUndefined()
  expect(whyContainerNotRunning(given, 'app')).toBe(
    "its container app isn't running (CrashLoopBackOff; it ended with exit code 2)",
  )
  expect(whyContainerNotRunning(given, 'migrate')).toBe(
    "its container migrate isn't running (Completed; it ended with exit code 0)",
  )
  expect(whyContainerNotRunning(pod({}), 'app')).toBe("its container app isn't running (Waiting)")
})

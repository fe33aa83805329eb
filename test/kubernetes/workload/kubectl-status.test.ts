import { expect, test } from '@jest/globals'
import type { V1ContainerState, V1ContainerStatus, V1Node, V1Pod, V1PodCondition } from '@kubernetes/client-node'
import { nodeStatusWords, podStatusWord } from '#src/kubernetes/workload/kubectl-status'

type Container = { state: V1ContainerState; ready?: boolean; started?: boolean; always?: boolean }

/** Returns a pod with these init containers and containers in these states. */
function podIn(
  phase: string,
  { inits = [], containers = [], more = {}, conditions = [], deleted = false }: PodParts = {},
): V1Pod {
  const statusOf = (prefix: string) => (each: Container, at: number) =>
    ({ name: `${prefix}${at}`, image: 'i', imageID: '', ready: false, restartCount: 0, ...each }) as V1ContainerStatus
  return {
    metadata: { name: 'web-1', ...(deleted ? { deletionTimestamp: new Date() } : {}) },
    spec: {
      nodeName: 'node001',
      containers: containers.map((_each, at) => ({ name: `app${at}` })),
      initContainers: inits.map(({ always }, at) => ({
        name: `init${at}`,
        ...(always === true ? { restartPolicy: 'Always' } : {}),
      })),
    },
    status: {
      phase,
      conditions: conditions.map(([type, status, reason]) => ({ type, status, reason }) as V1PodCondition),
      initContainerStatuses: inits.map(statusOf('init')),
      containerStatuses: containers.map(statusOf('app')),
      ...more,
    },
  }
}

type PodParts = {
  inits?: readonly Container[]
  containers?: readonly Container[]
  more?: object
  conditions?: readonly (readonly string[])[]
  deleted?: boolean
}

const waiting = (reason?: string): Container => ({ state: { waiting: reason === undefined ? {} : { reason } } })
const running = (ready = true): Container => ({ state: { running: {} }, ready, started: true })
const ended = (exitCode: number, reason?: string, signal?: number): Container => ({
  state: {
    terminated: {
      exitCode,
      ...(reason === undefined ? {} : { reason }),
      ...(signal === undefined ? {} : { signal }),
    },
  },
})
const initializing = waiting('PodInitializing')

test.each<[string, string, PodParts]>([
  ['Running', 'Running', { containers: [running()] }],
  ['Pending', 'Pending', {}],
  ['Evicted', 'Failed', { more: { reason: 'Evicted' } }],
  ['SchedulingGated', 'Pending', { conditions: [['PodScheduled', 'False', 'SchedulingGated']] }],
  ['ContainerCreating', 'Pending', { containers: [waiting('ContainerCreating')] }],
  ['ImagePullBackOff', 'Pending', { containers: [waiting('ImagePullBackOff')] }],
  ['CrashLoopBackOff', 'Running', { containers: [running(), waiting('CrashLoopBackOff')] }],
  ['ErrImagePull', 'Running', { containers: [waiting('ErrImagePull'), waiting('CrashLoopBackOff')] }],
  ['Completed', 'Succeeded', { containers: [ended(0, 'Completed')] }],
  ['Error', 'Failed', { containers: [ended(1, 'Error')] }],
  ['OOMKilled', 'Failed', { containers: [ended(137, 'OOMKilled')] }],
  ['ExitCode:3', 'Failed', { containers: [ended(3)] }],
  ['Signal:9', 'Failed', { containers: [ended(137, '', 9)] }],
  ['NotReady', 'Running', { containers: [ended(0, 'Completed'), running()] }],
  ['Running', 'Running', { containers: [ended(0, 'Completed'), running()], conditions: [['Ready', 'True']] }],
  ['Init:0/2', 'Pending', { inits: [running(false), initializing], containers: [initializing] }],
  ['Init:1/2', 'Pending', { inits: [ended(0, 'Completed'), initializing], containers: [initializing] }],
  ['Init:Error', 'Pending', { inits: [ended(1, 'Error')], containers: [initializing] }],
  ['Init:ExitCode:2', 'Pending', { inits: [ended(2)], containers: [initializing] }],
  ['Init:Signal:15', 'Pending', { inits: [ended(143, '', 15)], containers: [initializing] }],
  ['Init:CrashLoopBackOff', 'Pending', { inits: [waiting('CrashLoopBackOff')], containers: [initializing] }],
  ['Init:ImagePullBackOff', 'Pending', { inits: [waiting('ImagePullBackOff')], containers: [initializing] }],
  ['PodInitializing', 'Pending', { inits: [ended(0, 'Completed')], containers: [initializing] }],
  // A sidecar that has started isn't waited for; one that hasn't is.
  ['Running', 'Running', { inits: [{ ...running(), always: true }], containers: [running()] }],
  ['Init:1/2', 'Pending', { inits: [{ ...running(), always: true }, running(false)], containers: [initializing] }],
  ['Init:0/1', 'Pending', { inits: [{ ...running(), started: false, always: true }], containers: [initializing] }],
  // A sidecar that crashes later: the containers decide.
  [
    'CrashLoopBackOff',
    'Running',
    {
      inits: [{ ...waiting('CrashLoopBackOff'), always: true }],
      containers: [waiting('CrashLoopBackOff')],
      conditions: [['Initialized', 'True']],
    },
  ],
  ['Terminating', 'Running', { containers: [running()], deleted: true }],
  ['Completed', 'Succeeded', { containers: [ended(0, 'Completed')], deleted: true }],
  ['Unknown', 'Running', { containers: [running()], deleted: true, more: { reason: 'NodeLost' } }],
])('kubectl shows %s for a pod that is %s: %j', (word, phase, parts) => {
  expect(podStatusWord(podIn(phase, parts))).toBe(word)
})

test.each<[string, V1Node]>([
  ['Ready', { status: { conditions: [{ type: 'Ready', status: 'True' }] } }],
  ['NotReady', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }],
  ['NotReady', { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }],
  ['Unknown', {}],
  [
    'Ready,SchedulingDisabled',
    { spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
  ],
  [
    'NotReady,SchedulingDisabled',
    { spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'False' }] } },
  ],
])('kubectl shows %s for a node: %j', (words, node) => {
  expect(nodeStatusWords(node)).toBe(words)
})

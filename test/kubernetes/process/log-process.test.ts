import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { V1ContainerState, V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { ApiException } from '@kubernetes/client-node/dist/gen/index.js'
import type { Target } from '#core/request/target'
import type { Connection } from '#src/kubernetes/api/connection'
import { createProcess, toEnd, unexplained } from '#src/kubernetes/process/log-process'
import { frameReader } from '#src/kubernetes/process/runner-frames'
import type { Workload } from '#src/kubernetes/workload/workload'
import { containerStatus } from '#test/samples/container-status'
import { sampleRequest, sampleRun, silentLog } from '#test/samples/run'

const startedAt = new Date('2026-11-28T10:00:10Z')
const killed = { terminated: { exitCode: 137, reason: 'Error', startedAt } }

/** Returns a pod with the states of its container `app` and of the tool's container. */
const pod = (app: Partial<V1ContainerStatus>, state: V1ContainerState): V1Pod => ({
  metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '1' },
  spec: { restartPolicy: 'Always', containers: [] },
  status: {
    phase: 'Running',
    containerStatuses: [containerStatus('app', app)],
    ephemeralContainerStatuses: [containerStatus('retina-1', { state })],
  },
})
const runs = pod({ state: { running: {} } }, { running: { startedAt } })
const ownKilled = pod({ state: { running: {} } }, killed)
const restarted = pod(
  {
    ...{ restartCount: 1, state: { running: {} } },
    lastState: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: new Date('2026-11-28T10:00:20Z') } },
  },
  killed,
)

type Case = {
  /** What Kubernetes reports of the pod. */
  watched: V1Pod
  /** The pod when it is read after that; left out: the same. */
  read?: V1Pod
  /** Log of the tool's container; left out, it can't be opened. */
  log?: string | undefined
  signal?: AbortSignal
  /** Target of the run; left out: the container `app` of the pod. */
  target?: Target
  stop?: Workload['stop']
}

const webPod = { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'web', container: 'app' } as const
const node = { kind: 'node', cluster: 'dev', name: 'node001' } as const
const succeed = async () => undefined

/** Follows a tool's container to its end. */
async function endOf({ watched, read = watched, log, signal: canceled, target = webPod, stop = succeed }: Case) {
  const stream = async (path: string, _query: object, signal: AbortSignal) => {
    const body = new PassThrough()
    signal.addEventListener('abort', () => body.end(), { once: true })
    if (path.endsWith('/pods')) body.write(`${JSON.stringify({ type: 'MODIFIED', object: watched })}\n`)
    else if (log === undefined) throw new ApiException(404, 'not found', { message: 'container not found' }, {})
    else body.end(log)
    return body
  }
  const core = { readNamespacedPod: async () => read, readNode: async () => ({}) }
  const connection = { core, stream } as unknown as Connection
  const workload: Workload = {
    ...{ container: 'retina-1', stays: false, begin: async () => runs, find: async () => runs },
    ...{ dryRun: succeed, stop, clean: succeed },
  }
  const { spec } = sampleRun({ request: sampleRequest({ target }) })
  const process = createProcess(
    {
      ...{ connection, acting: async () => connection, person: 'alice', workload, log: silentLog },
      ...{ spec, signal: canceled ?? new AbortController().signal },
      span: async (_step, work) => work(),
    },
    async () => watched,
  )
  let isOver = false
  const ended = process.ended.finally(() => {
    isOver = true
  })
  while (!isOver) await jest.advanceTimersByTimeAsync(500)
  return ended
}

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }))
afterEach(() => void jest.useRealTimers())

test('a tool that is reported as killed before the container whose processes it shared isn’t called killed', async () => {
  expect(await endOf({ watched: ownKilled, read: restarted })).toMatchObject({
    reason: 'target-gone',
    message: 'its container app was restarted (Completed), and the tool with it',
  })
})

test.each([
  ['empty', '', 'the end of the output was not received; its container ended with exit code 0 (Completed)'],
  [
    'not there',
    undefined,
    'the cluster refused it: container not found; its container ended with exit code 0 (Completed)',
  ],
  ['another program’s', 'no space left\n', 'no space left; its container ended with exit code 0 (Completed)'],
])('the end of a container whose log is %s is reported with its exit code', async (_what, log, message) => {
  const lost = pod({}, { terminated: { exitCode: 0, reason: 'Completed', startedAt } })
  expect(await endOf({ watched: lost, log })).toMatchObject({ reason: 'cluster-error', complete: false, message })
})

test('a container that ended without a reason is reported with its message', async () => {
  const lost = pod({}, { terminated: { exitCode: 2, message: 'exec failed\nat start', startedAt } })
  expect(await endOf({ watched: lost, log: '' })).toMatchObject({
    message: 'the end of the output was not received; its container ended with exit code 2: exec failed',
  })
})

test('of a container’s message, which its tool can write, one line of 400 characters is reported', async () => {
  const lost = pod({}, { terminated: { exitCode: 2, message: 'x'.repeat(4_096), startedAt } })
  const { message } = await endOf({ watched: lost, log: '' })
  expect(message).toMatch(/exit code 2: x{400}$/)
})

const waiting = pod({}, { waiting: { reason: 'ContainerCreating' } })
const mayStartYet =
  'its container can’t be removed from the pod: if it starts yet, the tool runs, until its deadline at most'
const refuse = async () => {
  throw new Error('container not found')
}

test.each([
  ['of a debug pod, which is removed', { target: node }, 'canceled before the tool started'],
  ['that could be asked to end', { target: webPod }, 'canceled before the tool started'],
  [
    'that Kubernetes can’t remove, and that takes no exec yet',
    { target: webPod, stop: refuse },
    `canceled before the tool started; ${mayStartYet}`,
  ],
])('the end of a run that is canceled before its container starts %s', async (_what, change, message) => {
  const end = await endOf({ watched: waiting, signal: AbortSignal.abort(), ...change })
  expect(end).toMatchObject({ reason: 'canceled', message })
})

test.each([
  ['node', node, 'it did not start within 30 s: the container is still ContainerCreating'],
  ['pod', webPod, `it did not start within 30 s: the container is still ContainerCreating; ${mayStartYet}`],
])('the end of a run whose container does not start in time, of a %s', async (_kind, target, message) => {
  // AbortSignal.timeout isn't one of the timers that Jest replaces.
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
  try {
    expect(await endOf({ watched: waiting, target })).toMatchObject({
      reason: 'start-timeout',
      message,
    })
  } finally {
    timeout.mockRestore()
  }
})

test.each([
  ['a report that says why', { message: 'its pod was deleted' }, undefined],
  ['a guess', { guess: 'killed', trouble: 'container not found' }, 'killed'],
  ['only a problem of reading', { trouble: 'container not found' }, 'container not found'],
  ['nothing', {}, 'the end of the output was not received'],
])('with %s of a tool that is gone, its pod is asked or not', (_what, known, expected) => {
  const frames = frameReader(undefined)
  const termination = { reason: 'target-gone' as const, ...known }
  expect(unexplained(frames, termination, toEnd(frames, termination))).toBe(expected)
  const lost = { ...termination, reason: 'deadline' as const }
  expect(unexplained(frames, lost, toEnd(frames, lost))).toBeUndefined()
})

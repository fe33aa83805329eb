import { expect, test } from '@jest/globals'
import { ApiException, type V1ContainerState, type V1Pod, type V1PodStatus } from '@kubernetes/client-node'
import { TerminalConnectionError, type TerminalFault } from '#core/ports/terminal'
import type { Connection } from '#src/kubernetes/api/connection'
import { explainEnd } from '#src/kubernetes/terminal/why-ended'

const place = { namespace: 'retina-chatops', pod: 'retina-a', container: 'shell' }

function podWith(state: V1ContainerState, status: V1PodStatus = {}, metadata: V1Pod['metadata'] = {}): V1Pod {
  const shell = { name: 'shell', image: 'x', imageID: 'x', ready: false, restartCount: 0, state }
  return { metadata, spec: { containers: [], nodeName: 'node002' }, status: { containerStatuses: [shell], ...status } }
}

const notFound = new ApiException(404, 'Not Found', { reason: 'NotFound', code: 404 }, {})

type Answers = { pod?: () => Promise<V1Pod>; node?: () => Promise<object> }

/** Explains an error with a cluster that answers so; left out: there is no such pod, and the node is ready. */
async function explain(kind: TerminalFault, { pod, node }: Answers): Promise<TerminalConnectionError> {
  const ready = async () => ({ status: { conditions: [{ type: 'Ready', status: 'True' }] } })
  const core = {
    readNamespacedPod: pod ?? (() => Promise.reject(notFound)),
    readNode: node ?? ready,
  } as unknown as Connection['core']
  const error = new TerminalConnectionError(kind, 'the connection broke')
  return (await explainEnd({ core } as Connection, place, error)) as TerminalConnectionError
}

const running = { running: {} }
const as = (pod: V1Pod) => ({ pod: async () => pod })

test.each<[string, TerminalFault, Answers, string, RegExp]>([
  ['a pod that is gone', 'lost', {}, 'gone', /^its pod was deleted$/],
  [
    'a pod that is being deleted',
    'lost',
    as(podWith(running, {}, { deletionTimestamp: new Date() })),
    'gone',
    /^its pod was deleted$/,
  ],
  [
    'a container that used too much memory',
    'lost',
    as(podWith({ terminated: { exitCode: 137, reason: 'OOMKilled' } })),
    'gone',
    /more memory than it may have.*OOMKilled.*"shell\.resources" in retina\.yaml/,
  ],
  [
    'a pod that was evicted',
    'gone',
    as(podWith(running, { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' })),
    'gone',
    /^its pod was ended by its node \(Evicted: The node was low on resource: memory\.\)$/,
  ],
  [
    'a container that ended otherwise',
    'gone',
    as(podWith({ terminated: { exitCode: 2, reason: 'Error' } })),
    'gone',
    /^its container has ended \(Error\)$/,
  ],
  [
    'a node that does not report',
    'lost',
    {
      ...as(podWith(running)),
      node: async () => ({
        status: { conditions: [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped.' }] },
      }),
    },
    'lost',
    /^its node node002 is not ready \(Kubelet stopped\.\)$/,
  ],
  [
    'a node that is gone',
    'lost',
    { ...as(podWith(running)), node: () => Promise.reject(notFound) },
    'lost',
    /^its node node002 is not in the cluster any more$/,
  ],
  ['a connection that broke alone', 'lost', as(podWith(running)), 'lost', /^the connection broke$/],
  [
    'an API server that is away',
    'lost',
    { pod: () => Promise.reject(new Error('ECONNREFUSED')) },
    'lost',
    /^the connection broke$/,
  ],
  ['another fault', 'tampered', {}, 'tampered', /^the connection broke$/],
])('%s', async (_what, kind, answers, expectedKind, message) => {
  const explained = await explain(kind, answers)
  expect(explained).toMatchObject({ kind: expectedKind, message: expect.stringMatching(message) })
  expect(explained.isExplained).toBe(explained.message !== 'the connection broke')
})

test('an error of something else stays as it is', async () => {
  const error = new Error('other')
  expect(await explainEnd({} as Connection, place, error)).toBe(error)
})

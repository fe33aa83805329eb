import { beforeAll, expect, test } from '@jest/globals'
import { useWalls } from '#test/environment/admission'
import { type ApiAnswer, apiClient } from '#test/environment/api-request'
import { useCluster } from '#test/environment/cluster'
import type { Made } from '#test/environment/test-cluster'
import { containerVariants } from '#test/redteam/container-variants'
import { type EphemeralPatch, ephemeralVariants, nodePods, patchedPod } from '#test/redteam/ephemeral-variants'
import { withChange } from '#test/redteam/json-pointer'
import { type Kind, kinds, legitimateContainer, legitimatePod, variantsPolicy } from '#test/redteam/legitimate'
import { podVariants } from '#test/redteam/pod-variants'
import { type ApiRequest, legitimateExecs, legitimateRequests, requestVariants } from '#test/redteam/request-variants'
import { volumeVariants } from '#test/redteam/volume-variants'

const cluster = useCluster()
const walls = useWalls(cluster, { policy: variantsPolicy, level: 'privileged' })
const ours = 'retina-chatops: '
let asWorker: ReturnType<typeof apiClient> | undefined

/** Gives the worker's account every right, so that nothing but the admission policy refuses it; makes pods of others. */
beforeAll(async () => {
  const rbac = 'rbac.authorization.k8s.io'
  const binding = {
    ...{
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: `${cluster().namespace}-every-right` },
    },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'worker', namespace: walls().system }],
  }
  const podOf = (namespace: string, name: string, spec: object = {}) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } },
    // No kubelet has this node: it is the object alone that counts.
    spec: { nodeName: 'nowhere', containers: [{ name: 'web', image: 'example.com/web:1' }], ...spec },
  })
  const others = [
    podOf(walls().target, 'other'),
    ...nodePods.map(({ name, spec }) => podOf(walls().target, name, spec)),
  ]
  await cluster().create([binding, ...others] as Made[])
})

function send({ path, ...request }: ApiRequest): Promise<ApiAnswer> {
  const filled = path.replace('{debug}', cluster().namespace).replace('{target}', walls().target)
  const isConnect = /\/(exec|attach|portforward|proxy)\b/.test(filled)
  const dry = isConnect ? filled : `${filled}${filled.includes('?') ? '&' : '?'}dryRun=All`
  asWorker ??= apiClient(walls().worker)
  return asWorker({ ...request, path: dry })
}

const createPod = (body: object) => send({ method: 'POST', path: '/api/v1/namespaces/{debug}/pods', body })

const patchPod = (body: object, pod = 'web-1') =>
  send({
    ...{ method: 'PATCH', path: `/api/v1/namespaces/{target}/pods/${pod}/ephemeralcontainers` },
    ...{ body, type: 'application/strategic-merge-patch+json' },
  })

const patchOf = (kind: Kind, container?: string): EphemeralPatch => ({
  spec: { ephemeralContainers: [legitimateContainer(kind, cluster().namespace, container)] },
})

/** What an answer has to be: a refusal by the policy, or by the API server, or an object without what was asked. */
type Refusal = { alsoServer?: true | undefined; dropped?: string | undefined }

function expectRefusal({ status, message }: ApiAnswer, { alsoServer, dropped }: Refusal): void {
  if (dropped !== undefined && status < 300) {
    const { metadata, ...object } = JSON.parse(message) as { metadata: { managedFields: unknown } }
    expect(JSON.stringify({ ...object, metadata: { ...metadata, managedFields: undefined } })).not.toContain(dropped)
    return
  }
  expect(message).toEqual(alsoServer ? message : expect.stringContaining(ours))
  expect(Math.floor(status / 100)).toBe(4)
}

test.each(kinds)('T47 the debug pod of a run is accepted: %s', async (kind) => {
  expect(await createPod(legitimatePod(kind, cluster().namespace))).toMatchObject({ status: 201 })
})

test('T47 what admission plugins fill in is accepted', async () => {
  const pod = legitimatePod('plain', cluster().namespace)
  const resources = {
    requests: { cpu: '100m', memory: '64Mi' },
    limits: { memory: '512Mi', 'ephemeral-storage': '1Gi' },
  }
  const limited = withChange(pod, { at: '/spec/containers/0/resources', be: resources })
  const told = { at: '/metadata/annotations/kubernetes.io~1limit-ranger', be: 'LimitRanger plugin set: memory limit' }
  expect(await createPod(withChange(limited, told))).toMatchObject({ status: 201 })
  const always = { at: '/spec/containers/0/imagePullPolicy', be: 'Always' }
  expect(await createPod(withChange(pod, always))).toMatchObject({ status: 201 })
})

test.each(kinds)('T47 the container of a run in a pod is accepted: %s', async (kind) => {
  // What a node's disk and processes are needed for, no container in a pod can have.
  expect(await patchPod(patchOf(kind))).toMatchObject({ status: 200 })
  expect(await patchPod(patchOf(kind, 'web'))).toMatchObject({ status: 200 })
})

const pods = [...podVariants, ...containerVariants, ...volumeVariants]

test.each(pods)('T47 a debug pod is refused: $what', async ({ of = 'plain', at, be, ...refusal }) => {
  const answer = await createPod(withChange(legitimatePod(of, cluster().namespace), { at, be }))
  expectRefusal(answer, refusal)
})

test.each(ephemeralVariants)(
  'T47 a container in a pod is refused: $what',
  async ({ of = 'plain', at, be, ...refusal }) => {
    expectRefusal(await patchPod(withChange(patchOf(of), { at, be }), patchedPod), refusal)
  },
)

const inNodePods = nodePods.flatMap(({ name, containers }) => containers.map((each) => ({ name, ...each })))

test.each(inNodePods)(
  'T46 T47 in a pod with more of its node ($name), $kind beside $container: accepted $accepted',
  async ({ name, kind, container, accepted }) => {
    const answer = await patchPod(patchOf(kind, container), name)
    if (accepted) expect(answer).toMatchObject({ status: 200 })
    else expectRefusal(answer, {})
  },
)

test.each([...legitimateExecs, ...legitimateRequests])(
  'T47 a request of the program is accepted: $what',
  async (request) => {
    expect((await send(request)).message).not.toContain(ours)
  },
)

test.each(requestVariants)('T47 a request is refused: $what', async ({ alsoServer, ...request }) => {
  expectRefusal(await send(request), { alsoServer })
})

import { beforeAll, expect, test } from '@jest/globals'
import { useWalls } from '#test/environment/admission'
import { type ApiAnswer, apiClient } from '#test/environment/api-request'
import { useCluster } from '#test/environment/cluster'
import type { Made } from '#test/environment/test-cluster'
import { containerVariants } from '#test/redteam/container-variants'
import { type EphemeralPatch, ephemeralVariants } from '#test/redteam/ephemeral-variants'
import { withChange } from '#test/redteam/json-pointer'
import { type Kind, kinds, legitimateContainer, legitimatePod, variantsPolicy } from '#test/redteam/legitimate'
import { podVariants } from '#test/redteam/pod-variants'
import { type ApiRequest, legitimateExecs, requestVariants } from '#test/redteam/request-variants'
import { volumeVariants } from '#test/redteam/volume-variants'

const cluster = useCluster()
const walls = useWalls(cluster, { policy: variantsPolicy, level: 'privileged' })
const ours = 'retina-chatops: '

/** Gives the worker's account every right in both namespaces, so that nothing but the admission policy refuses it. */
beforeAll(async () => {
  const rbac = 'rbac.authorization.k8s.io'
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' }
  const subjects = [{ kind: 'ServiceAccount', name: 'worker', namespace: walls().system }]
  const binding = (namespace: string) => ({
    ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: 'every-right', namespace } },
    ...{ roleRef, subjects },
  })
  const other = (namespace: string) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'other', namespace } },
    spec: { nodeName: 'nowhere', containers: [{ name: 'x', image: 'x:1' }] },
  })
  const { namespace } = cluster()
  await cluster().create([binding(namespace), binding(walls().target), other(walls().target)] as Made[])
}, 60_000)

function send({ path, ...request }: ApiRequest): Promise<ApiAnswer> {
  const filled = path.replace('{debug}', cluster().namespace).replace('{target}', walls().target)
  const isConnect = /\/(exec|attach|portforward|proxy)\b/.test(filled)
  const dry = isConnect ? filled : `${filled}${filled.includes('?') ? '&' : '?'}dryRun=All`
  return apiClient(walls().worker)({ ...request, path: dry })
}

const createPod = (body: object) => send({ method: 'POST', path: '/api/v1/namespaces/{debug}/pods', body })

const patchPod = (body: object) =>
  send({
    ...{ method: 'PATCH', path: '/api/v1/namespaces/{target}/pods/web-1/ephemeralcontainers' },
    ...{ body, type: 'application/strategic-merge-patch+json' },
  })

const patchOf = (kind: Kind, container?: string): EphemeralPatch => ({
  spec: { ephemeralContainers: [legitimateContainer(kind, cluster().namespace, container)] },
})

/** Expects a refusal by the policy; where the API server has a reason of its own, any refusal. */
function expectRefusal({ status, message }: ApiAnswer, alsoServer?: true): void {
  expect(message).toEqual(alsoServer ? message : expect.stringContaining(ours))
  expect(Math.floor(status / 100)).toBe(4)
}

test.each(kinds)('T47 the debug pod of a run is accepted: %s', async (kind) => {
  expect(await createPod(legitimatePod(kind, cluster().namespace))).toMatchObject({ status: 201 })
})

test.each(kinds)('T47 the container of a run in a pod is accepted: %s', async (kind) => {
  // What a node's disk and processes are needed for, no container in a pod can have.
  expect(await patchPod(patchOf(kind))).toMatchObject({ status: 200 })
  expect(await patchPod(patchOf(kind, 'web'))).toMatchObject({ status: 200 })
})

const pods = [...podVariants, ...containerVariants, ...volumeVariants]

test.each(pods)('T47 a debug pod is refused: $of $what', async ({ of = 'plain', alsoServer, ...change }) => {
  const answer = await createPod(withChange(legitimatePod(of, cluster().namespace), change))
  expectRefusal(answer, alsoServer)
})

test.each(ephemeralVariants)(
  'T47 a container in a pod is refused: $of $what',
  async ({ of = 'plain', alsoServer, ...change }) => {
    expectRefusal(await patchPod(withChange(patchOf(of), change)), alsoServer)
  },
)

test.each(legitimateExecs)('T47 an exec of the program is accepted: $what', async (request) => {
  expect((await send(request)).message).not.toContain(ours)
})

test.each(requestVariants)('T47 a request is refused: $what', async ({ alsoServer, ...request }) => {
  expectRefusal(await send(request), alsoServer)
})

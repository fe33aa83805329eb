import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Finding } from '#core/doctor/finding'
import { admissionPolicy } from '#src/kubernetes/admission/admission-policy'
import { hasSameSpec, type PolicyObject } from '#src/kubernetes/doctor/admission'
import { cliHere } from '#test/cli/run-cli'
import { useWalls, wallsPolicy } from '#test/environment/admission'
import { useCluster } from '#test/environment/cluster'
import type { Made } from '#test/environment/test-cluster'

const cluster = useCluster()
const walls = useWalls(cluster)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retina-e2e-doctor-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Change = { kubeconfig?: string; policy?: string; namespace?: string; version?: string }

/** Runs `doctor` with an account; resolves with what it found in the cluster, by check. */
async function findingsOf(change: Change, ...flags: string[]): Promise<ReadonlyMap<string, Finding>> {
  const { kubeconfig = walls().bot, policy = wallsPolicy, namespace = cluster().namespace, version = 'dev' } = change
  const file = join(folder, 'retina.yaml')
  const shell = `{ image: { repo: localhost/retina-chatops/shell, version: ${version} }, namespace: ${namespace} }`
  writeFileSync(
    file,
    `clusters: [{ name: dev, kubeconfig: ${kubeconfig}, context: ${cluster().context}, impersonate: required, admissionPolicy: required }]\nshell: ${shell}\n${policy}`,
  )
  // Nothing listens there: Redis isn't the subject here.
  const { stdout } = await cliHere(['doctor', '-o', 'json', '--config', file, ...flags], {
    REDIS_URL: 'redis://127.0.0.1:1',
  })
  const { checks } = JSON.parse(stdout) as { checks: Finding[] }
  return new Map(
    checks
      .filter(({ check }) => check.startsWith('cluster dev') || check.startsWith('image on'))
      .map((each) => [each.check, each]),
  )
}

const failedOf = (findings: ReadonlyMap<string, Finding>) =>
  [...findings.values()].filter(({ state }) => state === 'failed').map(({ check }) => check)

test.each(['bot', 'worker', 'terminal'] as const)(
  'a %s with what the manifests give has all that it needs',
  async (role) => {
    const findings = await findingsOf({ kubeconfig: walls()[role] }, '--role', role)
    expect([...findings.values()].filter(({ state }) => state === 'failed')).toEqual([])
    expect(findings.get('cluster dev version')?.state).toBe('ok')
    expect(findings.get('cluster dev impersonation')?.state).toBe('ok')
    // Terminals may not read namespaces.
    expect(findings.get('cluster dev debug namespace')?.state).toBe(role === 'terminal' ? undefined : 'ok')
    // It may not read policies: what it can tell by dry runs is that they are not narrower.
    expect(findings.get('cluster dev admission policy')).toMatchObject({
      state: 'not-checked',
      message: expect.stringMatching(/not narrower/),
    })
  },
)

test('a bot lacks the permissions of a worker, each by name; --as finds the same with an administrator’s account', async () => {
  const expected = [
    'list pods',
    'watch pods',
    'delete pods',
    'get pods/log',
    'list events',
    'get pods/exec',
    'create pods/exec',
  ]
  const names = expected.map((each) => `cluster dev permission to ${each}`)
  expect(failedOf(await findingsOf({}, '--role', 'worker'))).toEqual(names)
  const account = `system:serviceaccount:${walls().system}:bot`
  expect(failedOf(await findingsOf({ kubeconfig: cluster().kubeconfig }, '--role', 'worker', '--as', account))).toEqual(
    expect.arrayContaining(names),
  )
})

test('a file that allows more than the admission policy: the set and the reason, from the API server', async () => {
  const policy = wallsPolicy.replace('[NET_ADMIN, NET_RAW]', '[NET_ADMIN, NET_RAW, SYS_PTRACE]')
  const found = (await findingsOf({ policy })).get('cluster dev admission policy')
  expect(found).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/narrower than retina\.yaml: it refuses "netfilter" \(.*capability/),
  })
})

test('an account that the admission policy doesn’t know, a namespace that forbids debug pods, and one that is not there', async () => {
  const { kubeconfig } = cluster()
  const known = await findingsOf({ kubeconfig })
  expect(known.get('cluster dev admission policy')).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/doesn't know this account/),
    mend: expect.stringMatching(/--account/),
  })
  const restricted = await findingsOf({ kubeconfig, namespace: walls().target })
  expect(restricted.get('cluster dev debug namespace')).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/"restricted"/),
  })
  expect(restricted.get('cluster dev admission policy')).toMatchObject({
    state: 'not-checked',
    message: expect.stringMatching(/PodSecurity level "restricted"/),
  })
  const nowhere = await findingsOf({ kubeconfig, namespace: 'retina-nowhere' })
  expect(nowhere.get('cluster dev debug namespace')).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/no namespace/),
  })
})

test('a token that the API server doesn’t accept', async () => {
  const kubeconfig = join(folder, 'expired.json')
  writeFileSync(kubeconfig, readFileSync(walls().bot, 'utf8').replace(/"token": ?"[^"]+"/, '"token":"expired"'))
  const found = (await findingsOf({ kubeconfig })).get('cluster dev connection')
  expect(found).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/401/),
    mend: expect.stringMatching(/auth whoami/),
  })
})

test('--pull starts a debug pod on a node, and leaves nothing; an image that the cluster refuses is named', async () => {
  const { worker: kubeconfig } = walls()
  const pulled = await findingsOf({ kubeconfig }, '--role', 'worker', '--pull', 'node001')
  expect(pulled.get('image on node node001')).toMatchObject({ state: 'ok' })
  const refused = await findingsOf({ kubeconfig, version: 'nosuch' }, '--role', 'worker', '--pull', 'dev/node001')
  expect(refused.get('image on node node001')).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/an image that retina\.yaml does not name/),
  })
  const { items } = await cluster().core.listNamespacedPod({ namespace: cluster().namespace })
  expect(
    items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined).map(({ metadata }) => metadata?.name),
  ).toEqual([])
})

test('what the API server fills in is no difference between policies', async () => {
  const scope = {
    policy: { sets: [], grants: [] },
    ...{ image: 'a:b', namespace: cluster().namespace, masked: [], containers: { pullPolicy: 'Always' as const } },
    ...{ maxOutputBytes: 1_000, accounts: ['nobody'] },
  }
  for (const made of admissionPolicy(scope) as PolicyObject[]) {
    const name = `${cluster().namespace}-${made.metadata.name}`
    const body = { ...made, metadata: { ...made.metadata, name } }
    const stored = await cluster().objects.create(body as unknown as Made, undefined, 'All')
    expect({ name, same: hasSameSpec(made, stored as unknown as PolicyObject) }).toEqual({ name, same: true })
  }
})

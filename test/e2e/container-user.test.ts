import { beforeAll, expect, test } from '@jest/globals'
import type { Cluster } from '#core/ports/cluster'
import type { DebugSpec } from '#core/runs/debug-spec'
import { useCluster } from '#test/environment/cluster'
import { portTo } from '#test/environment/cluster-port'
import { hardenedNamespace, type Made, podReady } from '#test/environment/test-cluster'
import { sampleRequest, sampleRun } from '#test/samples/run'

const cluster = useCluster()
const secret = 'of-another-team-5Qz'

/** Users of images that other teams run: the container's own, and that of web-1 (1000). */
const users = [65_532, 1_000, 65_534] as const
const podOf = (user: number) => `victim-${user}`

let target = ''
beforeAll(async () => {
  target = await hardenedNamespace(cluster(), 'uid')
  const containers = (user: number) => [
    {
      ...{ name: 'app', image: 'localhost/retina-chatops/shell:dev', command: ['sleep', '3600'] },
      env: [{ name: 'SECRET', value: secret }],
      securityContext: {
        ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: user, runAsGroup: user },
        ...{ capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
      },
    },
  ]
  await cluster().create(
    users.map((user) => ({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: podOf(user), namespace: target } },
      spec: { nodeName: 'node001', terminationGracePeriodSeconds: 0, containers: containers(user) },
    })) as Made[],
  )
  await Promise.all(users.map((user) => podReady(cluster(), target, podOf(user))))
})

/** Runs a pipeline and resolves with its standard output and error. */
async function output(port: Cluster, id: string, pipeline: DebugSpec['pipeline'], change: Partial<DebugSpec> = {}) {
  const { spec, request } = sampleRun({ request: sampleRequest({ id }) })
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': id }
  const own = { namespace: cluster().namespace, image: 'localhost/retina-chatops/shell:dev', labels, pipeline }
  const process = port.launch(
    { id, spec: { ...spec, ...own, ...change }, by: request.by },
    new AbortController().signal,
  )
  let text = ''
  for await (const chunk of process.output) text += chunk.text
  await process.ended
  await process.remove()
  return text
}

async function inPod(user: number, id: string, argv: readonly string[]): Promise<string> {
  const pod = podOf(user)
  const { metadata } = await cluster().core.readNamespacedPod({ namespace: target, name: pod })
  return output(portTo(cluster()), id, [argv], {
    target: { kind: 'pod', cluster: 'dev', namespace: target, name: pod, container: 'app' },
    targetUid: metadata?.uid ?? '',
  })
}

test('T45 each container has a user and group of its own, which nobody else has', async () => {
  const port = portTo(cluster())
  const [one = '', other = ''] = await Promise.all(
    ['useroneuserone', 'userotheruser2'].map((id) => output(port, id.slice(0, 12), [['id'], ['cat']])),
  )
  const idsOf = (said: string) => /uid=(\d+) gid=(\d+) groups=(\S+)/.exec(said)?.slice(1).map(Number) ?? []
  for (const said of [one, other]) {
    const [uid = 0, ...groups] = idsOf(said)
    expect(uid).toBeGreaterThanOrEqual(2 ** 30)
    expect(uid).toBeLessThan(2 ** 31)
    expect(groups).toEqual([uid, uid])
  }
  expect(idsOf(one)).not.toEqual(idsOf(other))
})

test.each(users)('T45 the environment of a process of user %s is not read from beside it', async (user) => {
  const id = `environ${user}`.padEnd(12, 'a').replaceAll(/[0189]/g, 'z')
  const said = await inPod(user, id, ['cat', '/proc/1/environ'])
  expect(said).toMatch(/Permission denied/)
  expect(said).not.toContain(secret)
})

test('T45 a user without a name has a home, and the tools work', async () => {
  const port = portTo(cluster())
  expect(await output(port, 'homehomehome', [['sh', '-c', 'echo $HOME; touch $HOME/x && ls $HOME']])).toBe('/tmp\nx\n')
  expect(await output(port, 'pingpingping', [['ping', '-c', '1', '127.0.0.1']])).toContain('1 received')
  expect(await output(port, 'digdigdigdig', [['dig', '+short', 'example.com']])).toMatch(/\d/)
  expect(await output(port, 'bashbashbash', [['bash', '-c', 'cat <<< here']])).toBe('here\n')
})

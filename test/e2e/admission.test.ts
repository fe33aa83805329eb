import { expect, test } from '@jest/globals'
import { type Change, podWith, runnerWords, useWalls, wallsPolicy } from '#test/environment/admission'
import { followAudit } from '#test/environment/audit-log'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { clusterEntry } from '#test/environment/test-cluster'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

const redis = useRedis()
const cluster = useCluster()
const admission = useWalls(cluster)
const image = 'localhost/retina-chatops/shell:dev'

test('T35 with the worker’s own token: the pod of a run is accepted', async () => {
  expect(await admission().refusal(podWith(cluster(), {}))).toBe('')
  const readOnly = { readOnly: true, recursiveReadOnly: 'Enabled' }
  expect(await admission().refusal(podWith(cluster(), { mount: readOnly }))).toContain("exposes the runtime's sockets")
  expect(
    await admission().refusal(
      podWith(cluster(), {
        context: { capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] }, runAsUser: 0, runAsNonRoot: false },
      }),
    ),
  ).toBe('')
})

test.each<[string, Change, string]>([
  [
    'without its labels',
    { metadata: { labels: {} } },
    'a pod without the name of its run, its labels and those of shell.labels, or with others',
  ],
  [
    'with another name',
    { metadata: { name: 'other' } },
    'a pod without the name of its run, its labels and those of shell.labels, or with others',
  ],
  [
    'with another image',
    { container: { image: 'docker.io/library/alpine:3' } },
    'an image that retina.yaml does not name',
  ],
  [
    'with another tag',
    { container: { image: 'localhost/retina-chatops/shell:evil' } },
    'an image that retina.yaml does not name',
  ],
  ['privileged', { context: { privileged: true, allowPrivilegeEscalation: true } }, 'privileged'],
  [
    'with another capability',
    { context: { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } },
    'a Linux capability that no set can give',
  ],
  [
    'without dropping the others',
    { context: { capabilities: { add: ['NET_RAW'] } } },
    'other capabilities are not dropped',
  ],
  ['that may gain rights', { context: { allowPrivilegeEscalation: true } }, 'privilege escalation'],
  ['without seccomp', { context: { seccompProfile: { type: 'Unconfined' } } }, 'seccomp is off'],
  [
    'with another command',
    { container: { command: ['sh', '-c', 'id'] } },
    'the container does not start with the runner',
  ],
  ['with additional arguments', { container: { args: ['x'] } }, 'the container does not start with the runner'],
  [
    'with a secret in its environment',
    { container: { env: [{ name: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] } },
    'environment variables',
  ],
  ['with a writable mount of the node’s disk', { mount: {} }, "a writable mount of the node's disk"],
  [
    'with a mount that isn’t read-only below its submounts',
    { mount: { readOnly: true } },
    'a read-only mount whose submounts are writable',
  ],
  [
    'with /etc of the node',
    { pod: { volumes: [{ name: 'host', hostPath: { path: '/etc' } }] } },
    "a volume that is not the node's root",
  ],
  [
    'with a secret as a volume',
    { pod: { volumes: [{ name: 'nothing', secret: { secretName: 's' } }] } },
    "a volume that is not the node's root",
  ],
  ['with the node’s processes', { pod: { hostPID: true } }, "the host's processes"],
  ['with the node’s IPC', { pod: { hostIPC: true } }, "the host's IPC"],
  ['without a deadline', { pod: { activeDeadlineSeconds: undefined } }, 'a pod without a deadline'],
  [
    'that is idle for longer than the limit',
    { container: { command: runnerWords('60', ['--keep', '100000', '--life', '100000']) } },
    'the container does not start with the runner',
  ],
  [
    'whose tool has too long a deadline',
    { container: { command: runnerWords('86400') } },
    'the container does not start with the runner',
  ],
  ['with too long a deadline', { pod: { activeDeadlineSeconds: 86_400 } }, 'a pod without a deadline'],
  ['with a restart policy', { pod: { restartPolicy: 'Always' } }, 'a pod that restarts'],
  ['with a service account token', { pod: { automountServiceAccountToken: true } }, "a service account's token"],
  ['with a second container', { pod: { initContainers: [{ name: 'x', image }] } }, 'more than one container'],
])('T35 with the worker’s own token: a pod %s is refused', async (_what, change, reason) => {
  expect(await admission().refusal(podWith(cluster(), change))).toContain(`retina-chatops: ${reason}`)
})

test('T35 with the worker’s own token: nothing else in the cluster can be read or created', async () => {
  expect(await admission().refusal(podWith(cluster(), { metadata: { namespace: 'kube-system' } }))).toContain(
    'forbidden',
  )
  const { system, target } = admission()
  const forbidden = [
    ['get', 'secrets', '-n', system],
    ['get', 'secrets', '-A'],
    ['get', 'configmaps', '-n', 'kube-system'],
    ['get', 'pods', '-n', 'kube-system'],
    ['delete', 'pod', 'web-1', '-n', target],
    ['delete', 'node', 'node001'],
    ['create', 'token', 'worker', '-n', system],
    ['get', 'secrets', '-n', system, '--as=kubernetes-admin', '--as-group=system:masters'],
    ['get', 'nodes', '--as=mallory@example.com'],
    ['exec', '-n', target, 'web-1', '--', 'id'],
    ['debug', '-n', target, 'pod/web-1', `--image=${image}`, '--', 'id'],
  ]
  const answers = await Promise.all(forbidden.map(admission().asWorker))
  for (const [at, args] of forbidden.entries())
    expect([args.join(' '), answers[at]]).toEqual([
      args.join(' '),
      expect.stringMatching(/forbidden|Forbidden|cannot|denied/),
    ])
})

test('bot and worker work with their own accounts, on nodes and in pods; Kubernetes gets the requester’s name', async () => {
  const audit = followAudit(cluster())
  const { bot: botsOwn, worker: workersOwn, system, target } = admission()
  const both = { redis: redis.url(), policy: wallsPolicy, shell: cluster().settings.shell }
  const bot = await openApp({ ...both, cluster: clusterEntry(botsOwn), role: 'bot' })
  const worker = await openApp({ ...both, cluster: clusterEntry(workersOwn), role: 'worker', slack: bot.slack })
  for (const { health } of [bot, worker])
    expect(await (await fetch(`${health}/readyz`)).text()).toContain(
      'ok cluster dev: impersonates the person who asks\n',
    )
  await bot.people.command('U0ALICE', 'shell node001 iptables -nvL | head -n 2')
  await bot.shows(/Done, exit code 0.*iptables/)
  await bot.people.command('U0ALICE', 'shell node001 cat /host/etc/hostname')
  expect(shown(await bot.shows(/Done, exit code 0.*cat/))).toContain('node001')
  await bot.people.command('U0ALICE', `shell -n ${target} pod/web-1 ping -c 1 127.0.0.1`)
  await bot.shows(/Done, exit code 0.*ping/)
  await bot.people.command('U0ALICE', `shell -n ${target} pod/web-1 ping -c 100 127.0.0.1`)
  const running = await bot.shows(/Running: ping -c 100/)
  await bot.people.press('U0ALICE', 'cancel', running)
  await bot.shows(/Canceled.*ping -c 100/)
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)

  const events = audit().filter(({ user }) => user.username.startsWith(`system:serviceaccount:${system}:`))
  const id = /run ([a-z2-7]{12})/.exec(shown(await bot.shows(/Done, exit code 0.*cat/)))?.[1] ?? ''
  const made = events.filter(
    ({ verb, objectRef }) => verb === 'create' && objectRef?.resource === 'pods' && objectRef.name === `retina-${id}`,
  )
  expect(made.length).toBeGreaterThan(0)
  for (const { impersonatedUser } of made) {
    expect(impersonatedUser?.username).toBe('alice@example.com')
    expect(impersonatedUser?.groups).toEqual(
      expect.arrayContaining(['retina-chatops:people', 'retina-chatops:group:leads']),
    )
    expect(impersonatedUser?.extra).toEqual({ 'retina-chatops.io/run': [id] })
  }
  const read = events.find(({ objectRef }) => objectRef?.subresource === 'log' && objectRef.name === `retina-${id}`)
  expect(read?.impersonatedUser?.username).toBe('alice@example.com')
})

test('a person without Kubernetes rights, and one whom the bot may not impersonate, are refused with that reason', async () => {
  const open = wallsPolicy.replace('to: [alice@example.com]', 'to: [alice@example.com, carol@example.com]')
  const { shell } = cluster().settings
  const flow = await openApp({
    ...{ redis: redis.url(), cluster: clusterEntry(admission().bot), shell },
    ...{ policy: open, role: 'bot' },
  })
  await flow.people.command('U0CAROL', 'shell node001 dig example.com')
  expect(shown(await flow.shows(/I could not do that/))).toContain(
    'the bot may not impersonate carol@example.com in this cluster',
  )
  const { namespace, objects } = cluster()
  await objects.delete({
    ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
    metadata: { name: `${namespace}-people`, namespace },
  })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  expect(shown(await flow.shows(/Kubernetes does not allow this/))).toContain(
    'Kubernetes does not allow this for alice@example.com',
  )
})

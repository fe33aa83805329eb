import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { capabilityTexts } from '#core/approvals/capability-texts'
import { findPowerBeyond, type Powers, powersOf } from '#core/approvals/powers-beyond-approval'
import { powerTexts } from '#core/approvals/powers-text'
import { type Capability, capabilityNames } from '#core/request/capability'
import type { Destination } from '#core/request/match-destination'
import { noNeeds } from '#core/request/tool'
import type { DebugSpec } from '#core/runs/debug-spec'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'
import { sampleRequest, sampleRun } from '#test/samples/run'

const node = { kind: 'node', cluster: 'dev', name: 'node001' } as const
const pod = { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'web-1' } as const

const least: Powers = {
  target: node,
  uid: 'uid-1',
  node: 'node001',
  effect: 'read',
  changingTools: [],
  unknownCalls: [],
  capabilities: [],
  host: { filesystem: 'none', pid: false },
  confinement: { apparmor: 'default', seccomp: 'default' },
  user: 'nonroot',
  special: [],
  destinations: [],
  masked: ['/run/containerd'],
  image: 'a.io/shell:v1@sha256:aa',
  deadline: 60,
}

const host = (word: string, change: Partial<Destination> = {}): Destination => ({
  ...{ word, names: [word], addresses: [], many: false },
  ...change,
})
const address = (word: string, ...addresses: string[]): Destination => host(word, { names: [], addresses })
const files = (filesystem: Powers['host']['filesystem'], pid = false): Partial<Powers> => ({
  host: { filesystem, pid },
})
const open = (apparmor: boolean, seccomp: boolean): Partial<Powers> => ({
  confinement: { apparmor: apparmor ? 'unconfined' : 'default', seccomp: seccomp ? 'unconfined' : 'default' },
})
const caps = (...capabilities: Capability[]): Partial<Powers> => ({ capabilities })
const changes = (...changingTools: string[]): Partial<Powers> => ({ effect: 'write', changingTools })
const calls = (...unknownCalls: string[]): Partial<Powers> => ({ effect: 'write', unknownCalls })
const to = (...destinations: Destination[]): Partial<Powers> => ({ destinations })

/** What was approved, what is asked, and the power that is missing; undefined where nothing is. */
const table: readonly [what: string, approved: Partial<Powers>, asked: Partial<Powers>, beyond: string | undefined][] =
  [
    ['the same', {}, {}, undefined],
    [
      'another node',
      {},
      { target: { ...node, name: 'node002' }, uid: 'uid-2', node: 'node002' },
      'the target node/node002',
    ],
    ['a later node of the same name', {}, { uid: 'uid-2' }, 'the target node/node001'],
    ['another cluster', {}, { target: { ...node, cluster: 'prod' } }, 'the target node/node001'],
    ['a pod instead of a node', {}, { target: pod }, 'the target -n shop pod/web-1'],
    ['another pod', { target: pod }, { target: { ...pod, name: 'web-2' } }, 'the target -n shop pod/web-2'],
    ['another namespace', { target: pod }, { target: { ...pod, namespace: 'bank' } }, 'the target -n bank pod/web-1'],
    [
      'a container of the pod',
      { target: pod },
      { target: { ...pod, container: 'app' } },
      'the target -n shop pod/web-1',
    ],
    [
      'another container',
      { target: { ...pod, container: 'app' } },
      { target: { ...pod, container: 'db' } },
      'the target -n shop pod/web-1',
    ],
    [
      'the same container',
      { target: { ...pod, container: 'app' } },
      { target: { ...pod, container: 'app' } },
      undefined,
    ],
    ['the pod on another node', { target: pod }, { target: pod, node: 'node002' }, 'the target -n shop pod/web-1'],

    ['changing after reading', {}, changes('iptables'), 'changing the target'],
    ['reading after changing', changes('iptables'), {}, undefined],
    ['changing with the same tool', changes('iptables'), changes('iptables'), undefined],
    ['changing with another tool', changes('iptables'), changes('systemctl'), 'changing the target with systemctl'],
    ['changing with one tool of two', changes('iptables', 'ip'), changes('ip'), undefined],
    ['changing with two tools', changes('iptables'), changes('iptables', 'ip'), 'changing the target with ip'],
    ['a writable mount without a tool that changes', { effect: 'write' }, { effect: 'write' }, undefined],
    ['a tool that changes after a writable mount', { effect: 'write' }, changes('tee'), 'changing the target with tee'],
    ['the same call of an unknown program', calls('rm /host/x'), calls('rm /host/x'), undefined],
    [
      'another call of an unknown program',
      calls('rm /host/x'),
      calls('rm -rf /host'),
      "exactly this call of a program that isn't in the catalogue: rm -rf /host",
    ],
    [
      'an unknown program after known ones',
      changes('tee'),
      calls('rm /host/x'),
      "exactly this call of a program that isn't in the catalogue: rm /host/x",
    ],
    ['one of two unknown calls', calls('a', 'b'), calls('b'), undefined],
    ['fewer unknown calls', calls('a'), {}, undefined],

    ['a special argument', {}, { special: ['curl -o'] }, 'the argument curl -o'],
    ['the same special argument', { special: ['curl -o'] }, { special: ['curl -o'] }, undefined],
    [
      'another special argument of the tool',
      { special: ['curl -o'] },
      { special: ['curl -K'] },
      'the argument curl -K',
    ],
    ['no special argument', { special: ['curl -o'] }, {}, undefined],
    ['an upload', { special: ['curl -o'] }, { special: ['curl -o', 'upload'] }, 'the argument upload'],

    ['a capability', {}, caps('NET_ADMIN'), 'NET_ADMIN'],
    ['the same capability', caps('NET_ADMIN'), caps('NET_ADMIN'), undefined],
    ['fewer capabilities', caps('NET_ADMIN', 'NET_RAW'), caps('NET_RAW'), undefined],
    ['more capabilities', caps('NET_RAW'), caps('NET_ADMIN', 'NET_RAW', 'SYS_PTRACE'), 'NET_ADMIN, SYS_PTRACE'],
    ['one under ALL', caps('ALL'), caps('NET_ADMIN'), undefined],
    ['ALL under ALL', caps('ALL'), caps('ALL'), undefined],
    ['ALL under one', caps('NET_ADMIN'), caps('ALL'), 'ALL'],
    ['SYS_ADMIN under ALL', caps('ALL'), caps('SYS_ADMIN'), 'SYS_ADMIN'],
    ['SYS_ADMIN and ALL under both', caps('ALL', 'SYS_ADMIN'), caps('SYS_ADMIN', 'ALL'), undefined],
    ['ALL under SYS_ADMIN', caps('SYS_ADMIN'), caps('ALL'), 'ALL'],

    ['the disk, readable', {}, files('read-only'), "read-only access to the node's disk"],
    ['the disk, writable', {}, files('read-write'), "read-write access to the node's disk"],
    ['writing after reading the disk', files('read-only'), files('read-write'), "read-write access to the node's disk"],
    ['reading after writing the disk', files('read-write'), files('read-only'), undefined],
    ['reading the disk again', files('read-only'), files('read-only'), undefined],
    ['nothing of the disk', files('read-write'), {}, undefined],
    [
      'a socket that was hidden',
      files('read-only'),
      { ...files('read-only'), masked: [] },
      "the node's /run/containerd",
    ],
    ['a socket that is hidden now', { ...files('read-only'), masked: [] }, files('read-only'), undefined],
    ['no mount, so nothing to hide', files('read-only'), { masked: [] }, undefined],
    ['the processes', {}, files('none', true), "the node's processes"],
    ['the processes, beside the disk', files('read-write'), files('read-write', true), "the node's processes"],
    [
      'the disk, beside the processes',
      files('none', true),
      files('read-only', true),
      "read-only access to the node's disk",
    ],
    ['the same disk and processes', files('read-write', true), files('read-write', true), undefined],
    ['fewer processes', files('read-only', true), files('read-only'), undefined],
    ['root', {}, { user: 'root' }, 'running as root'],
    ['a user after root', { user: 'root' }, { user: 'nonroot' }, undefined],
    ['root again', { user: 'root' }, { user: 'root' }, undefined],

    ['no AppArmor', {}, open(true, false), 'running without apparmor'],
    ['no seccomp', {}, open(false, true), 'running without seccomp'],
    ['no seccomp where AppArmor was off', open(true, false), open(false, true), 'running without seccomp'],
    ['neither, where one was off', open(true, false), open(true, true), 'running without seccomp'],
    ['one, where both were off', open(true, true), open(true, false), undefined],
    ['both on again', open(true, true), open(false, false), undefined],

    ['a host', {}, to(host('a.example')), 'the destination a.example'],
    ['the same host', to(host('a.example')), to(host('a.example')), undefined],
    ['another host', to(host('a.example')), to(host('b.example')), 'the destination b.example'],
    ['one host of two', to(host('a.example'), host('b.example')), to(host('b.example')), undefined],
    ['a host more', to(host('a.example')), to(host('a.example'), host('b.example')), 'the destination b.example'],
    ['no host', to(host('a.example')), {}, undefined],
    ['an address of the host', to(host('a.example', { addresses: ['4:0'] })), to(address('0.0.0.0', '4:0')), undefined],
    [
      'the host of an address',
      to(address('0.0.0.0', '4:0')),
      to(host('a.example', { addresses: ['4:0'] })),
      'the destination a.example',
    ],
    ['the same address, written otherwise', to(address('0.0.0.0', '4:0')), to(address('0', '4:0')), undefined],
    ['another address', to(address('10.0.0.1', '4:1')), to(address('10.0.0.2', '4:10')), 'the destination 10.0.0.2'],
    [
      'the same name with a new address',
      to(host('a.example', { addresses: ['4:0'] })),
      to(host('a.example', { addresses: ['4:1'] })),
      undefined,
    ],
    [
      'a pattern of hosts',
      to(host('a.example')),
      to(host('a.[ab].example', { names: [], many: true })),
      'the destination a.[ab].example',
    ],
    [
      'the same pattern',
      to(host('[a]', { names: [], many: true })),
      to(host('[a]', { names: [], many: true })),
      undefined,
    ],
    [
      'a host that may be in a pattern',
      to(host('[ab]', { names: ['a'], many: true })),
      to(host('a')),
      'the destination a',
    ],
    ['a host of which nothing is known', to(host('a.example')), to(host('?', { names: [] })), 'the destination ?'],
    [
      'connecting to a host that was mentioned',
      to(host('a.example', { mentioned: true })),
      to(host('a.example')),
      'the destination a.example',
    ],
    [
      'mentioning a host that was connected to',
      to(host('a.example')),
      to(host('a.example', { mentioned: true })),
      undefined,
    ],

    ['another image', {}, { image: 'a.io/other:v1@sha256:aa' }, 'the image a.io/other:v1@sha256:aa'],
    ['a tag that moved', {}, { image: 'a.io/shell:v1@sha256:bb' }, 'the image a.io/shell:v1@sha256:bb'],
    ['an image without its digest', {}, { image: 'a.io/shell:v1' }, 'the image a.io/shell:v1'],
    ['more time', {}, { deadline: 61 }, 'a deadline of 61 s'],
    ['less time', {}, { deadline: 10 }, undefined],
  ]

test('the table has at least sixty rows, each once', () => {
  expect(table.length).toBeGreaterThanOrEqual(60)
  expect(new Set(table.map(([what]) => what)).size).toBe(table.length)
})

test.each(table)('T49 %s', (_what, approved, asked, beyond) => {
  expect(findPowerBeyond({ ...least, ...asked }, { ...least, ...approved })).toBe(beyond)
})

const powers: fc.Arbitrary<Powers> = fc
  .tuple(...Array.from({ length: 4 }, () => fc.constantFrom(...table.flatMap(([, one, other]) => [one, other]))))
  .map((changes) => Object.assign({}, least, ...changes) as Powers)

/** Returns true where each word means the same host everywhere, as it does at one moment. */
function agree(...all: readonly Powers[]): boolean {
  const hosts = new Map<string, string>()
  return all
    .flatMap(({ destinations }) => destinations)
    .every((each) => {
      const seen = hosts.get(each.word) ?? JSON.stringify(each)
      hosts.set(each.word, seen)
      return seen === JSON.stringify(each)
    })
}

test('T49 what may do no more than something that may do no more than a third may do no more than that', () => {
  const covers = (approved: Powers, asked: Powers) => findPowerBeyond(asked, approved) === undefined
  fc.assert(
    fc.property(powers, powers, powers, (one, two, three) => {
      expect(covers(one, one)).toBe(true)
      fc.pre(agree(one, two, three))
      if (covers(one, two) && covers(two, three)) expect(covers(one, three)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

/** Returns the powers of a typed command on node001. */
function typed(text: string): Powers {
  const command = parse({ text: `shell ${text}` }, catalogue)
  if (command.verb !== 'shell') throw new Error(`not a command: ${text}`)
  const planned = plan(command, catalogue, { repo: 'a.io/shell', version: 'v1' })
  if ('verb' in planned) throw new Error(planned.message)
  const { capabilities, host: access, confinement, user } = planned.needs
  const spec: DebugSpec = {
    ...sampleRun().spec,
    ...{ capabilities, host: access, confinement, user, pipeline: planned.pipeline.map(({ argv }) => argv) },
  }
  return powersOf(sampleRequest(planned), spec)
}

test.each([
  ['node001 dig a.example', 'node001 dig +short a.example', undefined],
  ['node001 dig @10.0.0.1 a.example', 'node001 dig @10.0.0.1 b.example', undefined],
  ['node001 dig @10.0.0.1 a.example', 'node001 dig @10.0.0.2 a.example', 'the destination 10.0.0.2'],
  ['node001 ping a.example', 'node001 ping b.example', 'the destination b.example'],
  ['node001 iptables -nvL', 'node001 iptables -S', undefined],
  ['node001 iptables -nvL', 'node001 iptables -F', 'changing the target'],
  ['node001 iptables -F', 'node001 iptables -X', undefined],
  ['node001 iptables -F', 'node001 nft flush ruleset', 'changing the target with nft'],
  ['-w node001 cat /host/x', '-w node001 ls /host', undefined],
  ['-w node001 cat /host/x', '-w node001 cat /host/x | grep y', undefined],
  [
    '-w node001 cat /host/x',
    '-w node001 rm /host/x',
    "exactly this call of a program that isn't in the catalogue: rm /host/x",
  ],
  [
    '-w node001 xargs -n 5 cat /host/x',
    '-w node001 xargs -n 5 reboot',
    "exactly this call of a program that isn't in the catalogue: xargs -n 5 reboot",
  ],
  ['-w node001 cat /host/x', '-m node001 cat /host/x', undefined],
  ['-m node001 cat /host/x', '-w node001 cat /host/x', 'changing the target'],
  ['-m node001 cat /host/x', '-m --host-pid node001 cat /host/x', "the node's processes"],
  ['node001 systemctl status kubelet', 'node001 systemctl restart kubelet', 'changing the target'],
  ['node001 systemctl restart kubelet', 'node001 systemctl stop kubelet', undefined],
  ['node001 curl http://a.example', 'node001 curl -o x http://a.example', 'changing the target'],
])('T49 after "%s", "%s" exceeds it by: %s', (approved, asked, beyond) => {
  expect(findPowerBeyond(typed(asked), typed(approved))).toBe(beyond)
})

test('T48 what a request can do is said in plain words, from what would run', () => {
  const { request, spec } = sampleRun()
  const said = (needs: Partial<typeof noNeeds>, change: Partial<DebugSpec> = {}) =>
    powerTexts({ ...request, needs: { ...noNeeds, ...needs } }, { ...spec, ...change })
  expect(said({})).toEqual(['change nothing, as far as its arguments tell', 'use the network of node001'])
  expect(said({ effect: 'write' }, { host: { filesystem: 'read-write', pid: true }, user: 'root' })).toEqual([
    'write to every file on node001 (that makes it root of node001)',
    "see all processes of node001, and signal root's",
    'change the target',
    'use the network of node001',
    'run as root in its container',
  ])
  expect(said({}, { host: { filesystem: 'read-only', pid: false }, masked: ['/run'] })[0]).toBe(
    'read every file on node001, secrets too',
  )
  // T36: sockets of the container runtime that aren't hidden.
  expect(said({}, { host: { filesystem: 'read-only', pid: false } })[1]).toContain('that makes it root of node001')
  expect(said({}, { capabilities: ['NET_RAW'] })[0]).toBe('read and forge packets of this network (NET_RAW)')
  const unknown = { ...request, pipeline: request.pipeline.map((stage) => ({ ...stage, known: false })) }
  expect(powerTexts(unknown, spec)).toContain('do what nobody knows: a program is not in the catalogue')
  const opened = { ...request, facts: { ...request.facts, opens: ['privileged' as const] } }
  expect(powerTexts(opened, spec)[0]).toBe('reach a privileged container, and so all of node001, which the pod opens')
})

test('every capability has a text', () => {
  expect(Object.keys(capabilityTexts).toSorted()).toEqual(capabilityNames.toSorted())
})

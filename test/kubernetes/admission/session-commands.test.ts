import { expect, test } from '@jest/globals'
import type { CapabilitySet } from '#core/policy/policy'
import type { DebugSpec } from '#core/runs/debug-spec'
import { admissionPolicy } from '#src/kubernetes/admission/admission-policy'
import type { AdmissionScope } from '#src/kubernetes/admission/admission-scope'
import { compareScopes } from '#src/kubernetes/admission/compare-scopes'
import { attachCommand, sessionCommand } from '#src/kubernetes/terminal/session-argv'
import { debugContainer, debugPod } from '#src/kubernetes/workload/pod-spec'
import { refusalsOf, withServerDefaults } from '#test/environment/evaluate-admission'
import { sampleRequest, sampleRun } from '#test/samples/run'

const namespace = 'retina-chatops'
const worker = 'system:serviceaccount:retina-chatops-system:worker'
const id = 'aaaaaaaaaaaa'
const image = 'localhost/retina-chatops/shell:dev'

const set: CapabilitySet = {
  ...{ name: 'plain', tools: [], effect: 'read', images: [], capabilities: [], unconfined: [], deny: [] },
  ...{ host: { filesystem: 'none', pid: false }, maxDeadline: 60 },
}
const terminal = { maxSession: 600, idle: 60, recordInput: 'none', maxRecording: 1, retention: 1 } as const
const probe: CapabilitySet = { ...set, name: 'probe', capabilities: ['NET_RAW'] }
const scope: AdmissionScope = {
  policy: { sets: [{ ...set, terminal }, probe], grants: [] },
  ...{ image, namespace, masked: [], accounts: [worker], maxOutputBytes: 1_000 },
  containers: { pullPolicy: 'IfNotPresent' },
}
const without: AdmissionScope = { ...scope, policy: { sets: [set, probe], grants: [] } }

const spec: DebugSpec = {
  ...sampleRun({ request: sampleRequest({ id }) }).spec,
  ...{ namespace, image, node: 'node001' },
  labels: { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': id },
}

/** Returns why a session's debug pod is refused. */
function podRefusals(given: AdmissionScope, maxSeconds: number, change: Partial<DebugSpec> = {}): string[] {
  const options = { pullPolicy: 'IfNotPresent', userId: 2_000_000_000, session: { maxSeconds } } as const
  const pod = debugPod(id, { ...spec, ...change }, options)
  const request = { namespace, userInfo: { username: worker, groups: [] }, operation: 'CREATE' }
  return refusalsOf(admissionPolicy(given), 'retina-chatops', { object: withServerDefaults(pod), request })
}

/** Returns why an exec is refused: in the session's debug pod, unless another place is given. */
function execRefusals(
  given: AdmissionScope,
  command: readonly string[],
  { name = `retina-${id}`, container = 'shell', where = namespace, stdin = true, tty = false } = {},
): string[] {
  const object = { stdin, stdout: true, stderr: true, tty, container, command }
  const request = {
    ...{ namespace: where, name, subResource: 'exec', operation: 'CONNECT' },
    userInfo: { username: worker, groups: [] },
  }
  return refusalsOf(admissionPolicy(given), 'retina-chatops-exec', { object, request })
}

const size = { cols: 80, rows: 24 }
const start = sessionCommand({ id, argv: ['chroot', '/host', 'bash'], size, detachedSeconds: 120, maxSeconds: 600 })
const runner = '/usr/local/bin/retina-run'

test('the container of a session is accepted for as long as a set gives shells, and with what that set has', () => {
  expect(podRefusals(scope, 660)).toEqual([])
  expect(podRefusals(scope, 661)).not.toEqual([])
  expect(podRefusals(scope, 60, { capabilities: ['NET_RAW'], user: 'root' })).not.toEqual([])
  expect(podRefusals(without, 60)).not.toEqual([])
})

test('the container of a session in a pod is accepted, and only with its own id', () => {
  const target = { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'web-1' } as const
  const options = { pullPolicy: 'IfNotPresent', userId: 2_000_000_000, session: { maxSeconds: 600 } } as const
  const pod = { metadata: { name: 'web-1' }, spec: { containers: [{ name: 'web', image }] } }
  const added = {
    ...debugContainer(id, { ...spec, target }, options),
    ...{ terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', resources: {} },
  }
  const refusals = (given: AdmissionScope, container: object) =>
    refusalsOf(admissionPolicy(given), 'retina-chatops-containers', {
      object: { ...pod, spec: { ...pod.spec, ephemeralContainers: [container] } },
      oldObject: pod,
      request: { namespace: 'shop', userInfo: { username: worker, groups: [] }, operation: 'UPDATE' },
    })
  expect(refusals(scope, added)).toEqual([])
  expect(refusals(without, added)).not.toEqual([])
  expect(refusals(scope, { ...added, command: [runner, '--hold', 'bbbbbbbbbbbb', '--life', '60'] })).not.toEqual([])
  expect(refusals(scope, { ...added, command: [...(added.command ?? []), '--session', id] })).not.toEqual([])
})

test('the two commands of a session are accepted in its own container, on a node and in a pod', () => {
  const inPod = { name: 'web-1', container: `retina-${id}`, where: 'shop' }
  for (const command of [start, attachCommand(id)]) {
    expect(execRefusals(scope, command)).toEqual([])
    expect(execRefusals(scope, command, inPod)).toEqual([])
    expect(execRefusals(without, command)).not.toEqual([])
    expect(execRefusals(scope, command, { tty: true })).not.toEqual([])
    expect(execRefusals(scope, command, { stdin: false })).not.toEqual([])
    expect(execRefusals(scope, command, { name: 'retina-bbbbbbbbbbbb' })).not.toEqual([])
    expect(execRefusals(scope, command, { container: 'other' })).not.toEqual([])
    expect(execRefusals(scope, command, { ...inPod, container: 'web' })).not.toEqual([])
    expect(execRefusals(scope, command, { ...inPod, container: 'retina-bbbbbbbbbbbb' })).not.toEqual([])
  }
})

test.each([
  ['another program', ['bash', ...start.slice(1)]],
  ['a longer time', start.map((word) => (word === '600' ? '601' : word))],
  ['a time that is no number', start.map((word) => (word === '600' ? '-1' : word))],
  ['a longer time without anybody', start.map((word) => (word === '120' ? '3601' : word))],
  ['no size', start.map((word) => (word === '80x24' ? 'large' : word))],
  ['no words of a shell', start.slice(0, 10)],
  ['a further flag', [...start.slice(0, 7), '--keep', '9', ...start.slice(7)]],
  ['flags after those of --attach', [...attachCommand(id), '--session', id]],
  ['an id of another form', [runner, '--attach', '../aaaaaaaaa']],
  ['a container that would be held', [runner, '--hold', id, '--life', '60']],
])('T51 an exec of a session’s runner is refused: %s', (_what, command) => {
  expect(execRefusals(scope, command)).not.toEqual([])
})

test('a shell that the policy in force gives and the file doesn’t is a difference', () => {
  expect(compareScopes(scope, without).wider).toEqual(['"plain" there also gives shells for up to 600 s'])
  expect(compareScopes(without, scope).narrower).toEqual(['"plain" there lacks shells for up to 600 s'])
  expect(compareScopes(scope, scope)).toMatchObject({ wider: [], narrower: [] })
})

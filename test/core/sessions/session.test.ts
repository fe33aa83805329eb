import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { CapabilitySet } from '#core/policy/policy'
import { noNeeds } from '#core/request/tool'
import type { Run } from '#core/runs/run'
import {
  endsWithinSession,
  leavesSessionReusable,
  maxLifetime,
  sessionKeyParts,
  sessionLifetimeFor,
} from '#core/sessions/session'
import { hashOf } from '#src/app/hash-of-value'
import { sampleRequest, sampleRun } from '#test/samples/run'

const keyOf = (run: Run) => hashOf(sessionKeyParts(run))
const word = fc.stringMatching(/^[a-z0-9]{1,8}$/)
const capability = fc.constantFrom('NET_ADMIN', 'NET_RAW', 'SYS_PTRACE', 'SYS_CHROOT' as const)

/** All properties that two runs must have in common to share a container. */
const shared = fc.record({
  person: word,
  set: word,
  cluster: word,
  kind: fc.constantFrom('node', 'pod'),
  name: word,
  targetNamespace: word,
  container: fc.option(word, { nil: undefined }),
  targetUid: word,
  node: word,
  namespace: word,
  image: word,
  capabilities: fc.uniqueArray(capability, { maxLength: 3 }),
  filesystem: fc.constantFrom('none', 'read-only', 'read-write'),
  pid: fc.boolean(),
  user: fc.constantFrom('root', 'nonroot'),
  apparmor: fc.constantFrom('default', 'unconfined'),
  seccomp: fc.constantFrom('default', 'unconfined'),
  masked: fc.uniqueArray(word, { maxLength: 3 }),
})
type Shared = typeof shared extends fc.Arbitrary<infer T> ? T : never

function runOf(of: Shared, change: Partial<Run['spec']> = {}): Run {
  const at = { cluster: of.cluster, name: of.name }
  const { container } = of
  const inPod = { kind: 'pod' as const, ...at, namespace: of.targetNamespace }
  const target =
    of.kind === 'node'
      ? { kind: 'node' as const, ...at }
      : { ...inPod, ...(container === undefined ? {} : { container }) }
  const by = { id: of.person, name: 'Same', groups: [] }
  const plain = sampleRun({ request: sampleRequest({ by, target }), set: of.set })
  const { targetUid, node, namespace, image, capabilities, user, masked } = of
  const host = { filesystem: of.filesystem, pid: of.pid } as Run['spec']['host']
  const confinement = { apparmor: of.apparmor, seccomp: of.seccomp } as Run['spec']['confinement']
  const powers = { capabilities, user: user as 'root', masked, host, confinement }
  return { ...plain, spec: { ...plain.spec, target, targetUid, node, namespace, image, ...powers, ...change } }
}

/** Removes differences without a meaning: a node has no container, and the order of a list doesn't count. */
function normalised(of: Shared) {
  const { container, targetNamespace, name, ...rest } = of
  const podFields = of.kind === 'pod' ? { container, targetNamespace, name } : {}
  return hashOf({ ...rest, ...podFields, capabilities: [...of.capabilities].sort(), masked: [...of.masked].sort() })
}

test('two runs share a container exactly if everything relevant is equal, whatever they run', () => {
  fc.assert(
    fc.property(shared, shared, word, (one, other, argument) => {
      const again = runOf(one, { pipeline: [['dig', argument]], deadline: 7, labels: { a: argument } })
      expect(keyOf(again)).toBe(keyOf(runOf(one)))
      expect(keyOf(runOf(one)) === keyOf(runOf(other))).toBe(normalised(one) === normalised(other))
    }),
  )
})

test('each single difference changes the key', () => {
  fc.assert(
    fc.property(
      shared,
      shared,
      fc.constantFrom(...(Object.keys(sampleParts) as (keyof Shared)[])),
      (one, other, part) => {
        const changed = { ...one, [part]: other[part] } as Shared
        expect(keyOf(runOf(one)) === keyOf(runOf(changed))).toBe(normalised(one) === normalised(changed))
      },
    ),
    { numRuns: 1_000 },
  )
})

const [sampleParts] = fc.sample(shared, 1) as [Shared]

const probe: CapabilitySet = {
  ...{ name: 'probe', tools: ['ping'], capabilities: [], host: noNeeds.host, effect: 'read' },
  ...{ unconfined: [], images: [], maxDeadline: 300, deny: [] },
}
const sets = [probe]
const keep = { nodes: 300, pods: 1_800 }

test('idle timeout and lifetime of a warm container, on nodes and in pods', () => {
  const run = sampleRun()
  expect(sessionLifetimeFor(run, sets, keep)).toEqual({ idle: 300, life: 1_800 + 60 })
  const target = { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'web-1' } as const
  expect(sessionLifetimeFor({ ...run, spec: { ...run.spec, target } }, sets, keep)).toEqual({
    idle: 1_800,
    life: 7_200 + 60,
  })
  expect(maxLifetime(0)).toBe(0)
})

test.each<[string, Partial<Run>]>([
  ['a run with a writable mount', { spec: { ...sampleRun().spec, host: { filesystem: 'read-write', pid: false } } }],
  ['a run that changes something', { request: sampleRequest({ needs: { ...noNeeds, effect: 'write' } }) }],
  ['a break-glass run', { request: sampleRequest({ breakGlass: true }) }],
  ['an approved run', { approval: {} as never }],
  ['a run under a standing approval', { under: 'abc' }],
  ['a member of a fan-out', { fanOut: 'abc' }],
  ['a run of a set that no longer exists', { set: 'other' }],
])('%s never leaves a warm container', (_what, change) => {
  expect(sessionLifetimeFor({ ...sampleRun(), ...change }, sets, keep)).toBeUndefined()
})

test('no container is reused if it is turned off, for all or for a set', () => {
  expect(sessionLifetimeFor(sampleRun(), sets, { nodes: 0, pods: 5 })).toBeUndefined()
  expect(sessionLifetimeFor(sampleRun(), [{ ...probe, keep: false }], keep)).toBeUndefined()
})

test('a run uses only a container in which it can end in time, and only after a normal end the container is reused', () => {
  const until = '2026-11-23T03:02:00.000Z'
  expect(endsWithinSession({ until }, { deadline: 60 }, '2026-11-23T03:00:29.000Z')).toBe(true)
  expect(endsWithinSession({ until }, { deadline: 60 }, '2026-11-23T03:00:30.000Z')).toBe(false)
  const at = until
  expect(leavesSessionReusable({ reason: 'failed', at, complete: true })).toBe(true)
  expect(leavesSessionReusable({ reason: 'deadline', at, complete: false })).toBe(false)
  expect(leavesSessionReusable({ reason: 'target-gone', at, complete: true })).toBe(false)
})

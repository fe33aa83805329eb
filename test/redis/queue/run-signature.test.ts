import { expect, test } from '@jest/globals'
import { createRunSigner } from '#src/redis/queue/run-signature'
import { sampleRequest, sampleRun } from '#test/samples/run'

const key = 'k'.repeat(32)
const { signRun: seal, hasInvalidSignature: isBroken } = createRunSigner(key)
const run = seal(sampleRun())

test('T20 a run’s signature stays valid through JSON, and through changes that a worker makes', () => {
  expect(isBroken(run)).toBe(false)
  expect(isBroken(JSON.parse(JSON.stringify(run)))).toBe(false)
  expect(isBroken({ ...run, state: 'running', startedAt: '2026-11-24T03:00:00.000Z' })).toBe(false)
})

test.each([
  ['no signature', () => sampleRun()],
  ['another key', () => createRunSigner('x'.repeat(32)).signRun(sampleRun())],
  ['an old job under a new id', () => ({ ...run, id: 'zzzzzzzzzzzz' })],
  ['other arguments', () => ({ ...run, spec: { ...run.spec, pipeline: [['reboot']] } })],
  ['another node', () => ({ ...run, spec: { ...run.spec, node: 'node002' } })],
  [
    'a writable disk',
    () => ({ ...run, spec: { ...run.spec, host: { filesystem: 'read-write' as const, pid: true } } }),
  ],
  ['another image', () => ({ ...run, spec: { ...run.spec, image: 'evil.io/x:1' } })],
  [
    'another person',
    () => ({ ...run, request: sampleRequest({ by: { id: 'root@example.com', name: 'Root', groups: [] } }) }),
  ],
  ['another set', () => ({ ...run, set: 'host-write' })],
  ['another thread', () => ({ ...run, message: { ...run.message, channel: 'C0EVIL' } })],
  ['a later queueing time', () => ({ ...run, queuedAt: '2027-01-01T00:00:00.000Z' })],
  [
    'a forged approval',
    () => ({
      ...run,
      approval: {
        specHash: 'x',
        rule: { from: ['a'], quorum: 0, within: 1, reason: 'optional' as const },
        requester: 'x',
        expiresAt: '',
        reviews: [],
        cards: [],
      },
    }),
  ],
  ['half a signature', () => ({ ...run, seal: run.seal?.slice(0, 20) ?? '' })],
])('T20 %s is detected', (_what, forge) => {
  expect(isBroken(forge())).toBe(true)
})

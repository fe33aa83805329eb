import { expect, test } from '@jest/globals'
import { createRunSigner } from '#src/redis/queue/run-signature'
import { sampleRequest, sampleRun } from '#test/samples/run'

const key = 'k'.repeat(32)
const { signRun: seal, hasInvalidSignature: isBroken } = createRunSigner(key)
const run = seal(sampleRun())

test('T20 what a bot sealed is whole, through JSON too, and whatever a worker notes in it', () => {
  expect(isBroken(run)).toBe(false)
  expect(isBroken(JSON.parse(JSON.stringify(run)))).toBe(false)
  expect(isBroken({ ...run, state: 'running', startedAt: '2026-11-24T03:00:00.000Z' })).toBe(false)
})

test.each([
  ['no seal', () => sampleRun()],
  ['another key', () => createRunSigner('x'.repeat(32)).signRun(sampleRun())],
  ['an old job under a new id', () => ({ ...run, id: 'zzzzzzzzzzzz' })],
  ['other words', () => ({ ...run, spec: { ...run.spec, pipeline: [['reboot']] } })],
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
  ['a younger age', () => ({ ...run, queuedAt: '2027-01-01T00:00:00.000Z' })],
  [
    'an approval that nobody gave',
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
  ['half a seal', () => ({ ...run, seal: run.seal?.slice(0, 20) ?? '' })],
])('T20 %s is found', (_what, forge) => {
  expect(isBroken(forge())).toBe(true)
})

import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { encodeEvent } from '#core/recording/recorded-event'
import { packSegment, segmentName, segmentType, unpackSegment } from '#core/recording/segment-format'
import type { SessionRecording } from '#core/recording/session-recording'
import { chainStart } from '#core/runs/audit-record'
import { verifyRecording } from '#src/app/verify-recording'
import { nextHash, openEvent, recordingCipher, sealEvent } from '#src/terminal/recording/cipher'
import { memoryArtifacts } from '#test/fakes/artifacts'
import { memoryAuditLog } from '#test/fakes/audit-log'
import { memoryRecordingLog } from '#test/fakes/recording-log'

const [startedAt, expiresAt] = ['2026-11-28T00:00:00.000Z', '2099-01-01T00:00:00.000Z']

/** Records six events in two segments and a rest, of which the last is in the list. */
async function openRecording() {
  const cipher = recordingCipher([randomBytes(32)])
  const [artifacts, recordings, audit] = [memoryArtifacts(), memoryRecordingLog(), memoryAuditLog()]
  const { key, wrapped } = cipher.newKey('a')
  let hash = chainStart
  const sealed = ['$ ', 'i', 'd', '\r\n', 'uid=0', '\r\n$ '].map((text, number) => {
    const from = [0, 2, 3, 4, 6, 11][number] ?? 0
    const event = { at: number * 100, code: 'o' as const, from, data: Buffer.from(text) }
    const bytes = sealEvent(key, { id: 'a', number }, encodeEvent(event))
    hash = nextHash(hash, bytes)
    return bytes
  })
  for (const [segment, events] of [sealed.slice(0, 3), sealed.slice(3, 5)].entries()) {
    const about = { mediaType: segmentType, createdAt: startedAt, expiresAt, sensitivity: 'sensitive' as const }
    await artifacts.put({ ...about, name: segmentName('a', segment) }, packSegment(events))
  }
  const base = { key: wrapped, startedAt, expiresAt, from: 0, upTo: 15, size: 1, hash, segments: 2 }
  await recordings.appendEvents('a', { writer: 'w', events: sealed, checkpoint: { ...base, events: 6, sealed: 0 } })
  await recordings.dropEvents('a', { writer: 'w', count: 5, checkpoint: { ...base, events: 6, sealed: 5 } })
  const recording: SessionRecording = {
    ...{ ...base, events: 6, sealed: 5, id: 'a', by: { id: 'alice@example.com', name: 'Alice' }, set: 'plain-shell' },
    ...{
      target: { kind: 'node', cluster: 'dev', name: 'node001' },
      labels: {},
      namespaceLabels: {},
      endedAt: startedAt,
    },
  }
  await audit.append({ at: startedAt, what: 'recorded', run: 'a', person: 'alice@example.com', details: { hash } })
  return { parts: { cipher, artifacts, recordings, audit }, recording, sealed }
}

test('a recording that is what was recorded is intact', async () => {
  const { parts, recording } = await openRecording()
  expect(await verifyRecording(parts, recording)).toMatchObject({ events: 6, bytes: 15, hash: recording.hash })
})

test('T32 each changed byte of a segment is found, with its place', async () => {
  const { parts, recording } = await openRecording()
  const name = segmentName('a', 0)
  const before = await parts.artifacts.get(name)
  if (before === undefined || before === 'broken') throw new Error('it was stored')
  for (let at = 0; at < before.bytes.length; at += 1) {
    // As somebody would who can also replace the store's own hash.
    await parts.artifacts.put(before.artifact, before.bytes.with(at, (before.bytes[at] ?? 0) ^ 1))
    expect(await verifyRecording(parts, recording)).toEqual({
      mistake: expect.stringMatching(/^(event \d was changed|segment 1 was changed|it has \d of 6 events)$/),
    })
  }
})

test('T32 events that are swapped, removed, repeated or from another recording are found', async () => {
  const changes: ((events: readonly Uint8Array[]) => Uint8Array[])[] = [
    ([a, b, c]) => [b, a, c].flatMap((each) => each ?? []),
    (events) => events.slice(1),
    (events) => events.slice(0, -1),
    (events) => [...events, ...events.slice(-1)],
  ]
  for (const change of changes) {
    const { parts, recording } = await openRecording()
    const found = await parts.artifacts.get(segmentName('a', 0))
    if (found === undefined || found === 'broken') throw new Error('it was stored')
    const events = unpackSegment(found.bytes) ?? []
    await parts.artifacts.put(found.artifact, packSegment(change(events)))
    expect(await verifyRecording(parts, recording)).toHaveProperty('mistake')
  }
  const [one, other] = [await openRecording(), await openRecording()]
  const segment = await other.parts.artifacts.get(segmentName('a', 0))
  if (segment === undefined || segment === 'broken') throw new Error('it was stored')
  await one.parts.artifacts.put(segment.artifact, segment.bytes)
  expect(await verifyRecording(one.parts, one.recording)).toEqual({ mistake: 'event 1 was changed' })
})

test('T32 a missing segment, another head and another key are found', async () => {
  const missing = await openRecording()
  await missing.parts.artifacts.remove(segmentName('a', 1))
  expect(await verifyRecording(missing.parts, missing.recording)).toEqual({ mistake: 'segment 2 is missing' })
  const head = await openRecording()
  const recording = { ...head.recording, hash: 'f'.repeat(64) }
  expect(await verifyRecording(head.parts, recording)).toEqual({ mistake: 'the hash of its last event is another one' })
  const lost = await openRecording()
  const cipher = recordingCipher([randomBytes(32)])
  expect(await verifyRecording({ ...lost.parts, cipher }, lost.recording)).toHaveProperty('mistake')
})

test('T54 an event is encrypted, opens with its key at its place only, and a replaced key of the installation still opens it', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)]
  const { key, wrapped } = recordingCipher([first]).newKey('a')
  const sealed = sealEvent(key, { id: 'a', number: 1 }, Buffer.from('password'))
  expect(sealed.includes('password')).toBe(false)
  expect(openEvent(key, { id: 'a', number: 1 }, sealed)?.toString()).toBe('password')
  expect(openEvent(key, { id: 'a', number: 2 }, sealed)).toBeUndefined()
  expect(openEvent(key, { id: 'b', number: 1 }, sealed)).toBeUndefined()
  expect(recordingCipher([second, first]).openKey('a', wrapped)?.equals(key)).toBe(true)
  expect(recordingCipher([second]).openKey('a', wrapped)).toBeUndefined()
  expect(recordingCipher([first]).openKey('b', wrapped)).toBeUndefined()
})

import { describe, expect, test } from '@jest/globals'
import type { RecordingLog } from '#core/ports/recording-write-ahead-log'
import type { RecordingCheckpoint } from '#core/recording/session-recording'

/** Tests what every write-ahead list of recordings has to do. */
export function recordingLogContract(name: string, open: () => Promise<RecordingLog>): void {
  const checkpoint = (events: number, sealed = 0): RecordingCheckpoint => ({
    ...{ key: 'key', startedAt: '2026-11-28T00:00:00.000Z', expiresAt: '2099-01-01T00:00:00.000Z' },
    ...{ events, sealed, segments: sealed === 0 ? 0 : 1, from: 0, upTo: events, size: events, hash: 'h' },
  })
  const event = (text: string) => Uint8Array.from(Buffer.from(text))
  const textsOf = async (log: RecordingLog) =>
    (await log.pendingEvents('a')).map((each) => Buffer.from(each).toString())

  describe(`${name} meets the contract of a list of recordings`, () => {
    test('events are appended in order with the checkpoint, and removed from the front', async () => {
      const log = await open()
      expect(await log.takeRecording('a', 'w')).toBeUndefined()
      const step = { writer: 'w', events: [event('1'), event('2')], checkpoint: checkpoint(2) }
      expect(await log.appendEvents('a', step)).toBe('stored')
      expect(await log.appendEvents('a', { writer: 'w', events: [event('3')], checkpoint: checkpoint(3) })).toBe(
        'stored',
      )
      expect(await textsOf(log)).toEqual(['1', '2', '3'])
      expect(await log.takeRecording('a', 'w')).toEqual(checkpoint(3))
      expect(await log.dropEvents('a', { writer: 'w', count: 2, checkpoint: checkpoint(3, 2) })).toBe('stored')
      expect(await textsOf(log)).toEqual(['3'])
    })

    test('a step that is repeated is stored once', async () => {
      const log = await open()
      const step = { writer: 'w', events: [event('1')], checkpoint: checkpoint(1) }
      await log.appendEvents('a', step)
      expect(await log.appendEvents('a', step)).toBe('stored')
      expect(await textsOf(log)).toEqual(['1'])
      const drop = { writer: 'w', count: 1, checkpoint: checkpoint(1, 1) }
      await log.dropEvents('a', drop)
      expect(await log.dropEvents('a', drop)).toBe('stored')
      expect(await textsOf(log)).toEqual([])
    })

    test('who took the recording over is the only writer; a step that skips events is refused', async () => {
      const log = await open()
      await log.appendEvents('a', { writer: 'w', events: [event('1')], checkpoint: checkpoint(1) })
      expect(await log.takeRecording('a', 'other')).toEqual(checkpoint(1))
      const late = { writer: 'w', events: [event('2')], checkpoint: checkpoint(2) }
      expect(await log.appendEvents('a', late)).toBe('taken')
      const skipping = { writer: 'other', events: [event('3')], checkpoint: checkpoint(3) }
      expect(await log.appendEvents('a', skipping)).toBe('differs')
      expect(await textsOf(log)).toEqual(['1'])
    })
  })
}

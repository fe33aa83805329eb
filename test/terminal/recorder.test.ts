import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { RecordedEvent } from '#core/recording/recorded-event'
import type { Run } from '#core/runs/run'
import { newTerminalSession } from '#core/terminal/terminal-session'
import { finishRecording } from '#src/terminal/finish-recording'
import { openRecorder } from '#src/terminal/recorder'
import { recordingCipher } from '#src/terminal/recording/cipher'
import { readRecording } from '#src/terminal/recording/read-recording'
import { memoryRecordingLog } from '#test/fakes/recording-log'
import { waitUntil } from '#test/flow/wait-for'
import { openContexts } from '#test/samples/contexts'

const policy = (more = '') => `
capabilitySets: { plain-shell: { terminal: shell${more} } }
grants: [{ to: [alice@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }]`

/** Opens a session of Alice, and what records it. */
async function open(more = '', recordingTimeoutMs = 60_000) {
  const all = openContexts({ policy: policy(more) })
  all.bot.terminal = { url: new URL('https://bot.example') }
  await all.say('alice', 'shell node001', { id: 's1' })
  const recordings = memoryRecordingLog()
  const recorded: number[] = []
  const context = {
    ...{ ...all.bot, recordings, artifacts: all.artifacts, cipher: recordingCipher([randomBytes(32)]) },
    timing: { ...all.bot.timing, recordingTimeoutMs, recordingRetryMs: 1, recordingSegmentMs: 1 },
    metrics: { recorded: (bytes: number) => void recorded.push(bytes) } as never,
  }
  const run = await all.saved('s1')
  const begin = (from = 0) => openRecorder(context, run, from)
  const end = async () => {
    const ended: Run = {
      ...run,
      state: 'ended',
      terminal: run.terminal ?? newTerminalSession({ maxSession: 1, idle: 1 }, run.queuedAt),
    }
    const summary = await finishRecording(context, ended)
    const stored = (await all.store.fields('recordings', 'all')).get('s1')
    if (stored === undefined || stored === 'broken') throw new Error('nothing is recorded')
    const events: RecordedEvent[] = []
    for await (const event of readRecording(context, stored)) events.push(event)
    return { summary, text: events.map(({ code, data }) => `${code}:${Buffer.from(data)}`) }
  }
  return { ...all, context, recordings, begin, end, recorded }
}

const bytes = (text: string) => Uint8Array.from(Buffer.from(text))

test('output is shown once it is recorded, in order', async () => {
  const { begin, recordings, end } = await open()
  const recorder = await begin()
  const shown: string[] = []
  const show = (text: string) => async () => {
    expect((await recordings.pendingEvents('s1')).length).toBeGreaterThan(shown.length)
    shown.push(text)
  }
  recorder.size({ cols: 80, rows: 24 })
  recorder.output(0, bytes('a'), show('a'))
  recorder.output(1, bytes('b'), show('b'))
  expect(shown).toEqual([])
  await recorder.flushed()
  await waitUntil('both are shown', () => shown.length === 2)
  recorder.close()
  expect((await end()).text).toEqual(['r:80x24', 'o:a', 'o:b'])
})

test('output that waits while earlier output is stored becomes one event, and is shown as one', async () => {
  const { begin, end } = await open()
  const recorder = await begin()
  const shown: string[] = []
  const show = (from: number, output: Uint8Array) => void shown.push(`${from}:${Buffer.from(output)}`)
  recorder.output(0, bytes('a'), show)
  for (const [at, text] of ['b', 'c', 'd'].entries()) recorder.output(at + 1, bytes(text), show)
  recorder.size({ cols: 80, rows: 24 })
  recorder.output(4, bytes('e'), show)
  recorder.output(5, bytes('f'), show)
  await recorder.flushed()
  recorder.close()
  expect(shown).toEqual(['0:a', '1:bcd', '4:ef'])
  expect((await end()).text).toEqual(['o:a', 'o:bcd', 'r:80x24', 'o:ef'])
})

test('of what is sent again, the part that is not recorded is joined to what follows; all of it is shown', async () => {
  const { begin, end } = await open()
  const first = await begin()
  first.output(0, bytes('abc'), () => undefined)
  await first.flushed()
  const second = await begin()
  const shown: string[] = []
  const show = (from: number, output: Uint8Array) => void shown.push(`${from}:${Buffer.from(output)}`)
  second.size({ cols: 80, rows: 24 })
  second.output(0, bytes('ab'), show)
  second.output(2, bytes('cde'), show)
  second.output(5, bytes('f'), show)
  await second.flushed()
  second.close()
  expect(shown).toEqual(['0:ab', '2:cdef'])
  expect((await end()).text).toEqual(['o:abc', 'r:80x24', 'o:def'])
})

test('what is sent again after a cut is recorded once, in part or whole; a gap ends it', async () => {
  const { begin, end } = await open()
  const first = await begin()
  first.output(0, bytes('abc'), () => undefined)
  await first.flushed()
  const second = await begin()
  expect(second.upTo()).toBe(3)
  const shown: string[] = []
  second.output(0, bytes('abc'), () => void shown.push('abc'))
  second.output(2, bytes('cde'), () => void shown.push('cde'))
  await second.flushed()
  expect(shown).toEqual(['abc', 'cde'])
  // The one before records nothing any more.
  first.output(3, bytes('x'), () => void shown.push('x'))
  await expect(first.flushed()).rejects.toMatchObject({ kind: 'taken' })
  second.output(9, bytes('y'), () => void shown.push('y'))
  await expect(second.flushed()).rejects.toMatchObject({ kind: 'changed' })
  expect(shown).toEqual(['abc', 'cde'])
  expect((await end()).text).toEqual(['o:abc', 'o:de'])
})

test('while the store is away nothing is shown, and after the time it is given up', async () => {
  const { begin, recordings } = await open('', 30)
  const recorder = await begin()
  recordings.fault = new Error('OOM command not allowed')
  const shown: string[] = []
  recorder.output(0, bytes('a'), () => void shown.push('a'))
  await expect(recorder.flushed()).rejects.toMatchObject({ kind: 'away' })
  delete recordings.fault
  recorder.output(1, bytes('b'), () => void shown.push('b'))
  expect([shown, recorder.failed.aborted]).toEqual([[], true])
})

test('a store that is back in time loses nothing', async () => {
  const { begin, recordings, end } = await open()
  const recorder = await begin()
  recordings.fault = new Error('away')
  recorder.output(0, bytes('a'), () => undefined)
  delete recordings.fault
  await recorder.flushed()
  expect((await end()).text).toEqual(['o:a'])
})

test('at maxRecording, and without room for artifacts, nothing more is shown', async () => {
  const limited = await open(', maxRecording: 65536')
  const recorder = await limited.begin()
  const shown: number[] = []
  for (let at = 0; at < 20; at += 1) recorder.output(at * 5_000, new Uint8Array(5_000), () => void shown.push(at))
  await expect(recorder.flushed()).rejects.toMatchObject({ kind: 'limit' })
  expect([shown.length > 5, shown.length < 14]).toEqual([true, true])
  const full = await open()
  full.artifacts.most = 100
  const other = await full.begin()
  other.output(0, new Uint8Array(40_000), () => undefined)
  await expect(other.flushed()).rejects.toMatchObject({ kind: 'full' })
  // What was shown is recorded all the same.
  expect((await full.end()).summary?.bytes).toBe(40_000)
})

test('events go to segments, which end with the retention of the set; the head is in the audit log, once', async () => {
  const { begin, artifacts, recordings, end, details, recorded, audit } = await open(', retention: 2h')
  const recorder = await begin()
  for (let at = 0; at < 30; at += 1) recorder.output(at * 4_000, new Uint8Array(4_000), () => undefined)
  await recorder.flushed()
  await waitUntil('all are in segments', async () => (await recordings.pendingEvents('s1')).length === 0)
  expect((await artifacts.names('recordings/s1/')).length).toBeGreaterThan(2)
  recorder.close()
  const { summary } = await end()
  expect(summary).toMatchObject({ events: 30, bytes: 120_000, expiresAt: '2026-11-24T06:00:00.000Z' })
  expect(details('recorded')).toMatchObject({ hash: summary?.hash, events: '30', bytes: '120000' })
  expect(recorded.reduce((sum, each) => sum + each, 0)).toBe(Number(details('recorded')?.['size']))
  // Frames around an event are some percent of what a full screen prints.
  expect(Number(details('recorded')?.['size'])).toBeLessThan(120_000 * 1.3)
  await end()
  expect(audit.records.filter(({ what }) => what === 'recorded')).toHaveLength(1)
})

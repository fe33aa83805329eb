import { expect, test } from '@jest/globals'
import { runCard } from '#core/messages/run-card'
import { ChatError } from '#core/ports/chat'
import type { End } from '#core/runs/run'
import { deliverResult, endDetails, saveResult } from '#src/worker/runs/deliver-result'
import { liveMessageOf } from '#src/worker/runs/saved-live-message'
import { type ContextOptions, openContexts } from '#test/samples/contexts'

const end: End = { reason: 'completed', at: '2026-11-28T03:00:00.000Z', exitCode: 0, complete: true }

test('T21 the record of an ending says with which capabilities the tool could have forged it', () => {
  const common = { reason: 'completed', complete: 'true', exitCode: '0', transcript: 'abc' }
  expect(endDetails(end, 'abc', { capabilities: ['NET_ADMIN', 'NET_RAW'] })).toEqual(common)
  expect(endDetails(end, 'abc', { capabilities: ['NET_RAW', 'SYS_PTRACE'] })).toEqual({
    ...common,
    unproven: 'SYS_PTRACE',
  })
  expect(endDetails(end, 'abc', { capabilities: ['ALL'] })).toEqual({ ...common, unproven: 'ALL' })
})

const lines = (count: number) => Array.from({ length: count }, (_each, at) => `line ${at}\n`).join('')

/** Opens contexts in which Alice's run r1, with this output, is queued. */
async function openQueued(out = 'x\n', options: ContextOptions & { threaded?: boolean } = {}) {
  const all = openContexts({ tools: { dig: () => [{ out }] }, limits: { outputChars: 300 }, ...options })
  await all.say('alice', 'shell node001 dig x', { id: 'r1', threaded: options.threaded ?? false })
  return all
}

test('a result is delivered once, and that is saved', async () => {
  const { work, store, chat } = await openQueued()
  expect(await work()).toMatchObject({ state: 'ended', toldAt: '2026-11-24T03:00:00.000Z' })
  expect(await store.openRuns()).toEqual([])
  expect(chat.files).toEqual([])
})

test('an output that its message can’t show whole is attached, and the message names the file', async () => {
  const { work, chat } = await openQueued(lines(200))
  expect((await work()).attached).toEqual(['r1.txt'])
  expect(chat.files).toMatchObject([{ ref: { message: 'm1' }, file: { name: 'r1.txt', text: lines(200) } }])
  expect(chat.ofKind('ended')).toMatchObject([{ file: 'r1.txt' }])
})

test('a platform that takes no file leaves the result complete otherwise, and the message says so', async () => {
  const { work, chat, lines: logged } = await openQueued(lines(200))
  chat.refuses = (request) => (request === 'attach' ? new ChatError('no files', { permanent: true }) : undefined)
  const run = await work()
  expect(run.toldAt).toBeDefined()
  expect(run.attached).toBeUndefined()
  expect(chat.ofKind('ended')).toMatchObject([{ fileRefused: true }])
  expect(logged('error')).toEqual(['a file could not be attached'])
})

test('T21 an output that was changed in the store is marked, not attached, and reported', async () => {
  const { work, store, chat, worker, saved, details } = await openQueued(lines(200))
  const { changeRun } = store
  worker.store.changeRun = async (id, change) => {
    const run = await changeRun(id, change)
    // Somebody changes the output once the ending is saved.
    if (typeof run === 'object' && run.end !== undefined && run.toldAt === undefined)
      store.changeOutput(id, lines(200).replace('line 7', 'LINE 7'))
    return run
  }
  await work()
  expect((await saved('r1')).end?.reason).toBe('completed')
  expect(chat.ofKind('ended')).toMatchObject([{ changed: true }])
  expect(chat.files).toEqual([])
  expect(details('alarm')).toEqual({ why: 'the stored output was changed' })
})

test('a result that another worker has delivered meanwhile gets no second file', async () => {
  const { work, store, worker, chat, saved } = await openQueued(lines(200))
  const { attached: _attached, ...run } = await work()
  await store.changeRun('r1', ({ attached: _file, ...rest }) => rest)
  chat.files.length = 0
  // This worker read the run before the other one delivered its result.
  const { toldAt: _told, ...undelivered } = run
  await deliverResult(worker, undelivered, liveMessageOf(worker, chat, undelivered))
  expect(chat.files).toEqual([])
  expect(await saved('r1')).not.toHaveProperty('attached')
})

/** Opens contexts in which r1 has ended; of its result, which has a file, nothing is delivered but the root message. */
async function openUndelivered(threaded = false) {
  const all = await openQueued(lines(200), { threaded })
  await all.work()
  await all.store.changeRun('r1', ({ attached: _file, toldAt: _told, outputMessage: _output, ...rest }) => rest)
  all.chat.files.length = 0
  all.chat.shown.splice(1)
  const run = await all.saved('r1')
  return { ...all, run, deliver: () => deliverResult(all.worker, run) }
}

test.each([[false], [true]])(
  'T21 of several workers that deliver a result at a time, as after an outage of the chat, one posts and attaches (thread: %s)',
  async (threaded) => {
    const { deliver, chat, saved } = await openUndelivered(threaded)
    await Promise.all([deliver(), deliver(), deliver()])
    expect(chat.files).toHaveLength(1)
    expect(chat.ofKind('ended')).toHaveLength(threaded ? 2 : 1)
    expect(chat.ofKind('ended').at(-1)).toMatchObject({ file: 'r1.txt' })
    expect(await saved('r1')).toMatchObject({ attached: ['r1.txt'], toldAt: expect.any(String) })
  },
)

test('T21 a worker that leaves a delivery to another one shows its ending again after an own edit that came late', async () => {
  const { deliver, run, worker, chat } = await openUndelivered()
  await deliver()
  const ending = structuredClone(chat.ofKind('ended'))
  const own = liveMessageOf(worker, chat, run)
  const discard = own.discard
  own.discard = async () => {
    await discard()
    // As an edit that was under way would do.
    await chat.edit(run.message, { kind: 'starting', run: runCard(run) })
    return true
  }
  await deliverResult(worker, run, own)
  expect(chat.ofKind('ended')).toEqual(ending)
})

test('a result whose worker died while it attached the file is left to the next delivery', async () => {
  const { deliver, chat, saved, store, clock, worker } = await openUndelivered()
  await store.acquireLock('deliver:r1', worker.timing.deliveryLeaseMs / 1_000)
  await deliver()
  expect([chat.files.length, (await saved('r1')).toldAt]).toEqual([0, undefined])
  clock.pass(worker.timing.deliveryLeaseMs)
  await deliver()
  expect([chat.files.length, (await saved('r1')).toldAt]).toEqual([1, expect.any(String)])
})

test('an ending is saved once: a second one is neither recorded nor delivered', async () => {
  const { worker, saved, recorded, store } = await openQueued()
  const run = await saved('r1')
  const first = await saveResult(worker, run, { end, sha256: 'abc' })
  expect(first).toMatchObject({ state: 'ended', end, output: { sha256: 'abc' } })
  const other = { ...end, reason: 'canceled' as const }
  expect(await saveResult(worker, run, { end: other, sha256: 'abc' })).toBeUndefined()
  expect(recorded().filter((line) => line.startsWith('ended'))).toHaveLength(1)
  expect(await store.run('r1')).toMatchObject({ end })
})

test('T20 a run that was written over while it ran is replaced by what its worker has verified', async () => {
  const { worker, saved, store, details } = await openQueued()
  const run = await saved('r1')
  store.breakRun('r1')
  expect(await saveResult(worker, run, { end, sha256: 'abc' })).toMatchObject({ id: 'r1', end })
  expect(await saved('r1')).toMatchObject({ end, spec: run.spec })
  expect(details('ended')).toMatchObject({ reason: 'completed', transcript: 'abc' })
})

test('an ending waits for a store and an audit log that take nothing for a while', async () => {
  const { worker, saved, audit } = await openQueued()
  const { audit: write } = worker
  let calls = 0
  worker.audit = (...given) => {
    calls += 1
    return calls < 3 ? Promise.reject(new Error('away')) : write(...given)
  }
  await saveResult(worker, await saved('r1'), { end, sha256: 'abc' })
  expect([calls, audit.records.at(-1)?.what]).toEqual([3, 'ended'])
})

test('a command with a secret is hidden in a run that has ended', async () => {
  const { work, say, queue, saved } = await openQueued()
  await work()
  await say('alice', 'shell node001 curl -u bob:hunter2 http://10.0.0.1', { id: 'r2' })
  expect(await queue.has('r2')).toBe(true)
  expect(JSON.stringify(await saved('r2'))).toContain('hunter2')
  expect(JSON.stringify(await work())).not.toContain('hunter2')
})

import { expect, test } from '@jest/globals'
import type { Message } from '#core/messages/message'
import { ChatError } from '#core/ports/chat'
import { delay } from '#core/util/delay'
import { deliverResult } from '#src/worker/runs/deliver-result'
import { createRunExecutor } from '#src/worker/runs/execute-run'
import { liveMessageOf } from '#src/worker/runs/saved-live-message'
import { holdNextEdit } from '#test/fakes/chat'
import type { Step } from '#test/fakes/cluster'
import { waitUntil } from '#test/flow/wait-for'
import { type ContextOptions, openContexts } from '#test/samples/contexts'

/** Opens contexts in which Alice's run r1 is queued. */
async function openQueued(options: ContextOptions = {}, text = 'shell node001 dig x') {
  const all = openContexts(options)
  await all.say('alice', text, { id: 'r1' })
  return all
}

/**
 * Opens contexts in which a worker executes r1, whose tool has written one line and goes on until `finish`. `prepare` is called before the
 * worker begins; `prepared` is what it returns.
 */
async function openRunning<T = undefined>(prepare?: (all: ReturnType<typeof openContexts>) => T) {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  const steps: Step[] = [{ out: 'first\n' }, { until: finished }, { out: 'last\n' }]
  const all = await openQueued({ tools: { dig: () => steps } })
  const prepared = prepare?.(all) as T
  const first = createRunExecutor(all.worker)
  const executing = first.run(await all.saved('r1'))
  await waitUntil('the first line is stored', async () => (await all.store.transcript('r1', 1_000)) !== '')
  return { ...all, prepared, first, executing, finish }
}

test('a run is recorded, executed, saved with its output and shown', async () => {
  const { work, chat, store, recorded, details, observed } = await openQueued()
  const run = await work()
  expect(run).toMatchObject({ state: 'ended', end: { reason: 'completed', exitCode: 0, complete: true } })
  expect(run.toldAt).toBeDefined()
  expect(await store.transcript('r1', 1_000)).toBe('10.0.0.1\n')
  expect(recorded().slice(-2)).toEqual(['started r1 alice@example.com', 'ended r1 alice@example.com'])
  expect(details('ended')).toMatchObject({ reason: 'completed', transcript: run.output?.sha256 })
  expect(chat.ofKind('ended')).toMatchObject([{ output: { tail: '10.0.0.1' } }])
  expect(observed).toMatchObject({ started: [0], ended: ['completed'] })
})

test('a tool that fails has its exit code, and nothing of a run is left in the cluster', async () => {
  const { work, cluster } = await openQueued({}, 'shell node001 curl http://x')
  expect((await work()).end).toMatchObject({ reason: 'failed', exitCode: 7 })
  expect(cluster.live.size).toBe(0)
})

test('T18 a run that isn’t allowed any more is not started', async () => {
  const { work, settings, cluster, recorded } = await openQueued()
  settings.rules = { ...settings.rules, policy: { sets: [], grants: [] } }
  expect((await work()).end).toMatchObject({ reason: 'refused', message: expect.stringContaining('while it waited') })
  expect(cluster.launched).toEqual([])
  expect(recorded()).not.toContain('started r1 alice@example.com')
})

test('T18 a run of a person who has left, or can’t be looked up, is not started', async () => {
  const left = await openQueued()
  left.directory.people.delete('alice')
  expect((await left.work()).end?.message).toMatch(/^Alice no longer has access/)
  const away = await openQueued()
  away.directory.isAway = true
  expect((await away.work()).end?.message).toContain('could not be checked, so it was not started')
  expect([...left.cluster.launched, ...away.cluster.launched]).toEqual([])
})

test('T17 a run that has waited for too long is not started', async () => {
  const { work, clock, cluster } = await openQueued()
  clock.pass(5 * 60_000 + 1)
  expect((await work()).end?.reason).toBe('expired')
  expect(cluster.launched).toEqual([])
})

test('during a pause nothing starts', async () => {
  const { work, store, cluster } = await openQueued()
  await store.setValue('pause', 'current', { by: 'Bob', reason: 'incident' })
  expect((await work()).end).toMatchObject({ reason: 'paused', message: 'all runs are paused by Bob: incident' })
  expect(cluster.launched).toEqual([])
})

test('T34 a start that can’t be recorded is none', async () => {
  const { work, worker, cluster } = await openQueued()
  worker.auditOnce = async () => {
    throw new Error('away')
  }
  expect((await work()).end).toMatchObject({
    ...{ reason: 'refused', message: 'its start could not be recorded, so nothing was run' },
  })
  expect(cluster.launched).toEqual([])
})

test('a start that a full store doesn’t take is refused with that reason', async () => {
  const { work, worker, cluster } = await openQueued()
  worker.auditOnce = async () => {
    throw new Error('OOM command not allowed when used memory > maxmemory')
  }
  expect((await work()).end?.message).toBe('my store (Redis) is full, so nothing was run')
  expect(cluster.launched).toEqual([])
})

test('T20 a run whose earlier state was put back is not started again', async () => {
  const { work, worker, cluster, details } = await openQueued()
  await worker.auditOnce('started', 'r1', 'alice@example.com', {})
  expect((await work()).end).toMatchObject({
    reason: 'lost',
    message: expect.stringContaining('it was started before'),
  })
  expect(details('alarm')).toEqual({ why: 'an earlier state of a run that was started was put back' })
  expect(cluster.launched).toEqual([])
})

test('a canceled run ends soon, and says by whom', async () => {
  const { executing, cancelBus, saved } = await openRunning()
  await cancelBus.cancel('r1', 'Bob')
  await executing
  expect((await saved('r1')).end).toMatchObject({ reason: 'canceled', message: 'canceled by Bob' })
})

test('a run that a pause ends says so', async () => {
  const { executing, cancelBus, saved, store } = await openRunning()
  await store.setValue('pause', 'current', { by: 'Bob', reason: 'incident' })
  await cancelBus.cancel('r1', 'a pause')
  await executing
  expect((await saved('r1')).end).toMatchObject({ reason: 'paused', message: 'all runs are paused by Bob: incident' })
})

test('T21 a worker that takes a run over follows its tool; it isn’t begun again, and ends once', async () => {
  const { worker, executing, finish, saved, cluster, recorded, store, chat, first } = await openRunning()
  const { promise: isTaken, resolve: taken } = Promise.withResolvers<void>()
  const takeTranscript: typeof store.takeTranscript = async (...given) => {
    taken()
    return store.takeTranscript(...given)
  }
  const second = createRunExecutor({ ...worker, store: { ...store, takeTranscript } })
  await waitUntil('its start is saved', async () => (await saved('r1')).state === 'running')
  const following = second.run(await saved('r1'))
  await isTaken
  finish()
  await Promise.all([executing, following])
  await Promise.all([first.delivered(), second.delivered()])
  expect(cluster.launched).toHaveLength(1)
  expect(recorded().filter((line) => /^(started|ended) r1/.test(line))).toHaveLength(2)
  expect(await store.transcript('r1', 1_000)).toBe('first\nlast\n')
  expect(chat.ofKind('ended')).toHaveLength(1)
})

/** Ends r1 as another worker does that took it over: saves its end, and delivers it. */
async function endElsewhere({ worker, store, chat, clock }: ReturnType<typeof openContexts>) {
  const end = { reason: 'lost', at: clock.now().toISOString(), message: 'its pod is gone', complete: false } as const
  const ended = await store.changeRun('r1', (run) => ({ ...run, state: 'ended', end }))
  if (ended === undefined || ended === 'broken') throw new Error('r1 is missing')
  await deliverResult(worker, ended, liveMessageOf(worker, chat, ended))
}

test('T21 progress that the chat did not take yet doesn’t replace the ending that another worker delivered', async () => {
  let refused = 0
  const all = await openRunning(({ chat }) => {
    chat.refuses = (_request, { kind }: Partial<Message>) => {
      if (kind !== 'running') return undefined
      refused += 1
      return new ChatError('slow down', { retryAfterMs: 1 })
    }
  })
  const { chat, executing, finish, first } = all
  await waitUntil('progress was refused', () => refused > 1)
  await endElsewhere(all)
  chat.refuses = () => undefined
  const { edits = 0 } = chat.shown[0] ?? {}
  // Time for several attempts.
  await delay(20)
  finish()
  await executing
  await first.delivered()
  expect(chat.ofKind('ended')).toMatchObject([{ end: { reason: 'lost' } }])
  expect(chat.shown[0]?.edits).toBe(edits)
})

test('T21 an ending is shown again where an edit of another worker came after it', async () => {
  const all = await openRunning(({ chat }) => holdNextEdit(chat, 'running'))
  const { chat, executing, finish, first } = all
  const { isSent, arrive } = all.prepared
  await isSent
  await endElsewhere(all)
  expect(chat.ofKind('ended')).toHaveLength(1)
  arrive()
  finish()
  await executing
  await first.delivered()
  expect(chat.shown.map(({ message }) => message)).toMatchObject([{ kind: 'ended', end: { reason: 'lost' } }])
})

test('T21 a run whose output was changed after its worker died is not continued', async () => {
  const { worker, store, saved, details } = await openQueued()
  await store.changeRun('r1', (run) => ({ ...run, state: 'running', startedAt: run.queuedAt }))
  store.breakCheckpoint('r1')
  await createRunExecutor(worker).run(await saved('r1'))
  expect((await saved('r1')).end).toMatchObject({ reason: 'lost', complete: false })
  expect(details('alarm')).toEqual({ why: 'the stored output was changed' })
})

test('a run whose tool is gone with its worker is lost', async () => {
  const { worker, store, saved } = await openQueued()
  await store.changeRun('r1', (run) => ({ ...run, state: 'running', startedAt: run.queuedAt }))
  await createRunExecutor(worker).run(await saved('r1'))
  expect((await saved('r1')).end).toMatchObject({ reason: 'lost', message: expect.stringContaining('was not found') })
})

test('a run that has ended, or waits for approval, is left alone', async () => {
  const { worker, say, saved, cluster, work } = await openQueued()
  const ended = await work()
  await say('alice', 'shell node001 drill x', { id: 'r2' })
  const executor = createRunExecutor(worker)
  for (const run of [ended, await saved('r2')]) await executor.run(run)
  expect(cluster.launched).toHaveLength(1)
})

test('a run of a cluster or a chat that this worker doesn’t have is left to others', async () => {
  const { worker, saved } = await openQueued()
  const executor = createRunExecutor({ ...worker, clusters: new Map() })
  await expect(executor.run(await saved('r1'))).rejects.toThrow('run r1: no such cluster or chat here')
  expect((await saved('r1')).state).toBe('queued')
})

test('a run of a fan-out has no message of its own; its outcome is saved', async () => {
  const { store, work, chat } = await openQueued({}, 'shell -l pool=web dig x')
  const run = await work()
  expect(chat.shown.map(({ message, edits }) => [message.kind, edits])).toEqual([['fan-out', 0]])
  const outcomes = await store.fields('outcomes', 'r1')
  expect(outcomes.get(run.id)).toMatchObject({ reason: 'completed', exitCode: 0, said: '10.0.0.1' })
})

test('a secret in an output is neither stored nor shown', async () => {
  const { work, store, chat } = await openQueued({
    tools: { dig: () => [{ out: 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n' }] },
  })
  expect((await work()).output).toMatchObject({ redacted: 1 })
  expect(await store.transcript('r1', 1_000)).not.toContain('wJalr')
  expect(JSON.stringify(chat.shown)).not.toContain('wJalr')
})

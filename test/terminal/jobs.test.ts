import { afterEach, expect, test } from '@jest/globals'
import { ChatError } from '#core/ports/chat'
import type { TerminalWork } from '#core/ports/terminal'
import { startTerminalJobs } from '#src/terminal/jobs'
import { holdNextEdit } from '#test/fakes/chat'
import { memoryRecordingLog } from '#test/fakes/recording-log'
import { hasSettled, waitUntil } from '#test/flow/wait-for'
import { openContexts } from '#test/samples/contexts'

const policy = `
capabilitySets: { plain-shell: { terminal: shell } }
grants: [{ to: [alice@example.com, bob@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }]`
const policyOfBob = policy.replace('alice@example.com, ', '')

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** Opens contexts in which Alice has the open shell s1, Bob s2, and the job of a terminal process runs every 2 ms. */
async function openShells() {
  const all = openContexts({ policy, timing: { terminalSweepMs: 2 } })
  all.bot.terminal = { url: new URL('https://bot.example') }
  await all.say('alice', 'shell node001', { id: 's1' })
  await all.say('bob', 'shell node002', { id: 's2' })
  const removed: string[] = []
  const containers = {
    create: async () => {
      throw new Error('this job makes no container')
    },
    remove: async ({ id }: TerminalWork) => void removed.push(id),
  }
  let sweeps = 0
  const { fields } = all.bot.store
  const countedFields: typeof fields = (kind, key) => {
    if (kind === 'open-sessions') sweeps += 1
    return fields(kind, key)
  }
  const context = {
    ...all.bot,
    store: { ...all.bot.store, fields: countedFields },
    containers,
    artifacts: all.artifacts,
    recordings: memoryRecordingLog(),
  }
  const stop = startTerminalJobs(context)
  stops.push(stop)
  const stateOf = async (id: string) => {
    const { state, end } = await all.saved(id)
    return end === undefined ? state : `${end.reason}: ${end.message}`
  }
  return {
    ...{ ...all, containers, removed, context, stop, stateOf },
    /** Resolves once two whole sweeps have begun, and so one has ended. */
    swept: async () => {
      const before = sweeps
      await waitUntil('two sweeps have begun', () => sweeps >= before + 2)
    },
    ended: (id: string) => waitUntil(`${id} has ended`, async () => (await stateOf(id)) !== 'running'),
    isListed: async (id: string) => (await all.store.fields('open-sessions', 'all')).has(id),
  }
}

test('a shell that nobody opens ends, on record; its container is removed, and it is listed no more', async () => {
  const { clock, swept, ended, stateOf, removed, isListed, recorded } = await openShells()
  await swept()
  expect([await stateOf('s1'), removed]).toEqual(['running', []])
  clock.pass(20 * 60_000)
  await ended('s1')
  await waitUntil('both are removed', async () => !(await isListed('s1')) && !(await isListed('s2')))
  expect(await stateOf('s1')).toBe('expired: nobody opened it')
  expect(removed.toSorted()).toEqual(['s1', 's2'])
  expect(recorded()).toContain('ended s1 alice@example.com')
})

test('T31 a person who has left loses the shell at the next check of rights; others keep theirs', async () => {
  const { directory, clock, swept, ended, stateOf } = await openShells()
  await swept()
  directory.people.delete('alice')
  await swept()
  expect(await stateOf('s1')).toBe('running')
  clock.pass(60_000)
  await ended('s1')
  await swept()
  expect(await stateOf('s1')).toMatch('refused: Alice no longer has access')
  expect(await stateOf('s2')).toBe('running')
})

test('T31 a change of the policy ends the shells that it no longer allows at once', async () => {
  const { settings, swept, ended, stateOf } = await openShells()
  await swept()
  const narrower = openContexts({ policy: policyOfBob })
  settings.rules = narrower.settings.rules
  await ended('s1')
  await swept()
  expect(await stateOf('s1')).toMatch(/^refused: /)
  expect(await stateOf('s2')).toBe('running')
})

test('a pause ends all shells at once', async () => {
  const { store, swept, ended, stateOf } = await openShells()
  await swept()
  await store.setValue('pause', 'current', { by: 'Bob', reason: 'incident' })
  await ended('s1')
  await ended('s2')
  expect(await stateOf('s1')).toBe('paused: all runs are paused by Bob: incident')
})

test('a shell goes on while nobody can say whether its person is still allowed', async () => {
  const { directory, clock, swept, stateOf } = await openShells()
  directory.isAway = true
  clock.pass(60_000)
  await swept()
  await swept()
  expect(await stateOf('s1')).toBe('running')
})

test('T31 a chat that doesn’t answer for one shell delays no other’s end, and its own check of a new policy is made up for', async () => {
  const { chat, clock, settings, swept, ended, stateOf } = await openShells()
  await swept()
  // The time left is shown for both: one of the edits gets no answer.
  const { isSent, arrive } = holdNextEdit(chat)
  clock.pass(6 * 60_000)
  await isSent
  await swept()
  settings.rules = openContexts({ policy: policy.replace(/to: .*?\]/, 'to: [carol@example.com]') }).settings.rules
  await waitUntil('the other one has ended', async () => {
    return (await stateOf('s1')) !== 'running' || (await stateOf('s2')) !== 'running'
  })
  const states = await Promise.all([stateOf('s1'), stateOf('s2')])
  expect(states.filter((state) => state === 'running')).toHaveLength(1)
  arrive()
  await ended('s1')
  await ended('s2')
})

test('a cluster that doesn’t answer for one shell delays the removal of no other', async () => {
  const { clock, containers, removed, isListed, context } = await openShells()
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
  const { remove } = containers
  context.containers.remove = async (work) => {
    if (work.id === 's1') await mayAnswer
    await remove(work)
  }
  clock.pass(20 * 60_000)
  await waitUntil('the other one is removed', async () => !(await isListed('s2')))
  expect(removed).toEqual(['s2'])
  answer()
  await waitUntil('the first one is removed', async () => !(await isListed('s1')))
})

test('a removal that fails is logged and tried again, by any process after 30 s', async () => {
  const { clock, context, containers, swept, isListed, lines, removed } = await openShells()
  const { remove } = containers
  context.containers.remove = async () => {
    throw new Error('no answer')
  }
  clock.pass(20 * 60_000)
  await waitUntil('both have failed', () => lines('warn').length === 2)
  expect(new Set(lines('warn'))).toEqual(new Set(['a session could not be checked']))
  context.containers.remove = remove
  await swept()
  expect(removed).toEqual([])
  clock.pass(30_000)
  await waitUntil('both are removed', async () => !(await isListed('s1')) && !(await isListed('s2')))
})

test('an end that the chat didn’t take is shown by a later sweep', async () => {
  const { chat, say, store, clock, saved, isListed } = await openShells()
  chat.refuses = () => new ChatError('away', { retryAfterMs: 1 })
  await say('alice', 'end s1').catch(() => undefined)
  await waitUntil('its container is removed', async () => (await saved('s1')).terminal?.removed === true)
  expect([(await saved('s1')).toldAt, await isListed('s1')]).toEqual([undefined, true])
  chat.refuses = () => undefined
  clock.pass(30_000)
  await waitUntil('its end is shown', async () => !(await isListed('s1')))
  expect((await saved('s1')).toldAt).toBeDefined()
  expect((await store.fields('open-sessions', 'all')).size).toBe(1)
})

test('a shell whose record was changed is listed no more, and its container is left to the sweep of the workers', async () => {
  const { store, isListed, removed } = await openShells()
  store.breakRun('s1')
  await waitUntil('it is listed no more', async () => !(await isListed('s1')))
  expect(removed).toEqual([])
})

test('while the store doesn’t answer nothing ends; the next sweep goes on', async () => {
  const { context, clock, ended, lines } = await openShells()
  const { fields } = context.store
  context.store.fields = async () => {
    throw new Error('away')
  }
  await waitUntil('a sweep has failed', () => lines('warn').includes('sessions could not be checked'))
  context.store.fields = fields
  clock.pass(20 * 60_000)
  await ended('s1')
})

test('a stop waits for what has begun', async () => {
  const { clock, context, containers, removed, stop } = await openShells()
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>()
  const { remove } = containers
  context.containers.remove = async (work) => {
    asked()
    await mayAnswer
    await remove(work)
  }
  clock.pass(20 * 60_000)
  await isAsked
  const stopping = stop()
  expect(await hasSettled(stopping)).toBe(false)
  answer()
  await stopping
  expect(removed).not.toHaveLength(0)
})

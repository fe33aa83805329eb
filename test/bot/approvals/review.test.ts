import { expect, test } from '@jest/globals'
import { decideRequest } from '#src/bot/approvals/review'
import { holdNextEdit } from '#test/fakes/chat'
import { accountOf, type ContextOptions, openContexts, sampleChannel, samplePolicy } from '#test/samples/contexts'

/** Opens contexts in which Alice has requested the run r1. */
async function openRequested(rule = '', options: ContextOptions = {}) {
  const all = openContexts({ policy: samplePolicy(rule), ...options })
  await all.say('alice', 'shell node001 drill x', { id: 'r1' })
  return all
}

test('an approval is recorded, then queues the run, tells the requester and shows it on the card', async () => {
  const { say, saved, queue, chat, recorded, details } = await openRequested()
  expect(await say('bob', 'approve r1')).toEqual([])
  expect(await saved('r1')).toMatchObject({
    state: 'queued',
    approval: { reviews: [{ by: { name: 'Bob' }, verdict: 'approve', account: { user: 'bob' }, as: ['group:leads'] }] },
  })
  expect(await queue.has('r1')).toBe(true)
  expect(recorded().slice(-2)).toEqual(['reviewed r1 bob@example.com', 'queued r1 alice@example.com'])
  expect(details('reviewed')).toEqual({ verdict: 'approve' })
  expect(chat.ofKind('queued')).toMatchObject([{ note: expect.stringContaining('approved by "Bob"') }])
  expect(chat.ofKind('decided')).toMatchObject([{ decision: 'approved', mention: ['slack:user/T/alice'] }])
})

test('a denial ends the request with its reason, and queues nothing', async () => {
  const { say, saved, queue, chat, details } = await openRequested()
  expect(await say('bob', 'deny r1 not now')).toEqual([])
  expect(await saved('r1')).toMatchObject({
    state: 'ended',
    end: { reason: 'refused', message: expect.stringMatching(/denied by "Bob".*not now/) },
  })
  expect(await queue.has('r1')).toBe(false)
  expect(details('reviewed')).toEqual({ verdict: 'deny', reason: 'not now' })
  expect(chat.ofKind('asking')).toMatchObject([{ state: 'denied' }])
  expect(chat.ofKind('decided')).toMatchObject([{ decision: 'denied' }])
})

test('with a quorum of two, the first approval only adds to the card', async () => {
  const { say, saved, queue, chat } = await openRequested('quorum: 2')
  await say('bob', 'approve r1')
  expect(chat.ofKind('asking')).toMatchObject([{ state: 'pending', missing: { count: 1 } }])
  expect([(await saved('r1')).state, await queue.has('r1')]).toEqual(['asking', false])
  expect(await say('bob', 'approve r1')).toMatchObject([
    { kind: 'refused', message: 'You have already approved this; it is waiting for others.' },
  ])
  await say('carol', 'approve r1')
  expect([(await saved('r1')).state, await queue.has('r1')]).toEqual(['queued', true])
})

test('T14 nobody decides their own request; the attempt is on record', async () => {
  const { say, saved, queue, details } = await openRequested()
  expect(await say('alice', 'approve r1')).toMatchObject([
    { kind: 'refused', message: 'You requested this yourself; somebody else has to decide it.' },
  ])
  expect(details('review-refused')).toEqual({ why: 'own-request' })
  expect([(await saved('r1')).state, await queue.has('r1')]).toEqual(['asking', false])
})

test('who may not decide it isn’t told that there is such a request', async () => {
  const { say, recorded } = await openRequested()
  for (const id of ['r1', 'r2'])
    expect(await say('dave', `approve ${id}`)).toMatchObject([
      { message: `There is no request ${id} that you can decide.` },
    ])
  expect(recorded()).not.toContain('reviewed r1 dave@example.com')
})

test('a request that is decided, expired or withdrawn can’t be reviewed', async () => {
  const decided = await openRequested()
  await decided.say('bob', 'approve r1')
  const expired = await openRequested()
  expired.clock.pass(15 * 60_000)
  const withdrawn = await openRequested()
  await withdrawn.say('alice', 'cancel r1')
  for (const [all, how] of [
    [decided, /already approved/],
    [expired, /expired at/],
    [withdrawn, /already withdrawn/],
  ] as const)
    expect(await all.say('carol', 'approve r1')).toMatchObject([
      { kind: 'refused', message: expect.stringMatching(how) },
    ])
  expect((await expired.queue.counts()).waiting).toBe(0)
})

test('a request that was changed in the store is not decided', async () => {
  const { say, store } = await openRequested()
  store.breakRun('r1')
  expect(await say('bob', 'approve r1')).toMatchObject([{ message: expect.stringContaining('was changed in Redis') }])
})

test('a review that can’t be recorded isn’t saved', async () => {
  const { say, saved, audit } = await openRequested()
  audit.fails = new Error('away')
  await expect(say('bob', 'approve r1')).rejects.toThrow('away')
  expect((await saved('r1')).approval?.reviews).toEqual([])
})

test('while runs are paused nothing is approved, and a denial still counts', async () => {
  const { say, saved, store } = await openRequested()
  await store.setValue('pause', 'current', { by: 'Carol', reason: 'incident' })
  expect(await say('bob', 'approve r1')).toMatchObject([
    { message: 'Nothing was decided: all runs are paused by Carol: incident.' },
  ])
  await say('bob', 'deny r1')
  expect((await saved('r1')).end?.reason).toBe('refused')
})

test('T18 while people can’t be looked up nothing is approved', async () => {
  const { say, saved, directory } = await openRequested()
  directory.isAway = true
  expect(await say('bob', 'approve r1')).toMatchObject([
    { message: expect.stringContaining('Nothing was decided: the requester and the approvers could not be checked.') },
  ])
  expect((await saved('r1')).approval?.reviews).toEqual([])
})

test('T18 the approval of a person who has left counts no more', async () => {
  const { say, saved, directory, queue } = await openRequested('quorum: 2')
  await say('bob', 'approve r1')
  directory.people.delete('bob')
  await say('carol', 'approve r1')
  expect((await saved('r1')).state).toBe('asking')
  expect(await queue.has('r1')).toBe(false)
})

test('T15 what was confirmed on the page has to be what is stored', async () => {
  const { bot, saved, directory, details } = await openRequested('confirm: passkey')
  const person = directory.people.get('bob')
  if (person === undefined) throw new Error('Bob is gone')
  const by = { person, account: accountOf('bob'), typed: 'approve r1', thread: sampleChannel }
  const given = { verdict: 'approve' as const, passkey: 'p1', specHash: 'of something else' }
  expect(await decideRequest(bot, by, 'r1', given)).toMatchObject({
    answer: { message: expect.stringContaining('What you confirmed is not what is stored') },
  })
  expect(details('alarm')).toEqual({ why: 'what is stored is not what was confirmed' })
  const { spec } = await saved('r1')
  expect(await decideRequest(bot, by, 'r1', { ...given, specHash: bot.hash(spec) })).toEqual({ ok: true })
  expect(await saved('r1')).toMatchObject({ state: 'queued', approval: { reviews: [{ passkey: 'p1' }] } })
})

test('a bot that takes over a saved review completes what follows it, once', async () => {
  const { say, saved, queue, chat } = await openRequested()
  await say('bob', 'approve r1', { id: 'c1' })
  // The bot before died between the two.
  await queue.remove('r1')
  expect(await say('bob', 'approve r1', { id: 'c1', isRetry: true })).toEqual([])
  expect(await queue.has('r1')).toBe(true)
  expect((await saved('r1')).approval?.reviews).toHaveLength(1)
  expect(chat.ofKind('decided')).toHaveLength(1)
})

/** Opens a request that two have to approve; Bob's approval is saved, and the edit that shows it is held. */
async function openHeldReview(command = 'shell node001 drill x') {
  const rule = "quorum: 2, announce: 'slack:channel/T/LEADS'"
  const shell = `  plain-shell: { terminal: shell, approval: { from: ['group:leads'], ${rule} } }`
  const policy = samplePolicy(rule)
    .replace('\ngrants:', `\n${shell}\ngrants:`)
    .replace('[probe,', '[plain-shell, probe,')
  const all = openContexts({ policy })
  all.bot.terminal = { url: new URL('https://bot.example') }
  await all.say('alice', command, { id: 'r1' })
  const { isSent, arrive } = holdNextEdit(all.chat)
  const reviewed = all.say('bob', 'approve r1')
  await isSent
  return { ...all, arrive, reviewed, shown: () => structuredClone(all.chat.shown.map(({ message }) => message)) }
}

test('T21 an approval that is shown late doesn’t replace the run’s result, nor the decision on other cards', async () => {
  const { say, work, arrive, reviewed, shown } = await openHeldReview()
  await say('carol', 'approve r1')
  await work()
  const [result] = shown()
  expect(result).toMatchObject({ kind: 'ended' })
  arrive()
  await reviewed
  expect(shown().slice(0, 2)).toEqual([
    result,
    expect.objectContaining({ kind: 'asking', state: 'approved', missing: { count: 0, of: ['group:leads'] } }),
  ])
})

test('T21 an approval that is shown late doesn’t replace a run that waits', async () => {
  const { say, arrive, reviewed, shown } = await openHeldReview()
  await say('carol', 'approve r1')
  const before = shown()
  expect(before[0]).toMatchObject({ kind: 'queued', note: expect.stringContaining('approved by "Bob"') })
  arrive()
  await reviewed
  expect(shown()).toEqual(before)
})

test('T21 an approval that is shown late doesn’t replace a denial or a withdrawal', async () => {
  for (const [person, command] of [
    ['carol', 'deny r1 not now'],
    ['alice', 'cancel r1'],
  ] as const) {
    const { say, arrive, reviewed, shown } = await openHeldReview()
    await say(person, command)
    const before = shown()
    arrive()
    await reviewed
    expect(shown()).toEqual(before)
  }
})

test('T21 an approval that is shown late doesn’t replace an open shell, nor its end', async () => {
  for (const end of [false, true]) {
    const { say, saved, chat, arrive, reviewed, shown } = await openHeldReview('shell node001')
    await say('carol', 'approve r1')
    if (end) await say('alice', 'end r1')
    expect((await saved('r1')).state).toBe(end ? 'ended' : 'running')
    const session = chat.ofKind('session')
    expect(session).toHaveLength(1)
    arrive()
    await reviewed
    expect(chat.ofKind('session')).toEqual(session)
    expect(shown()[0]).toEqual(session[0])
  }
})

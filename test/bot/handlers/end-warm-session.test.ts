import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

/** Opens contexts in which Alice's run r1 has left a warm container. */
async function openWarm() {
  const all = openContexts({ more: 'shell: { keep: 5m, keepInPods: off }' })
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  expect(await all.work()).toMatchObject({ kept: 300 })
  return all
}

test('a warm session is ended by its person: recorded, left to a worker, and without its button', async () => {
  const { say, sessions, saved, chat, details } = await openWarm()
  expect(chat.ofKind('ended')[0]?.run.kept).toEqual({ seconds: 300, what: 'node' })
  expect(await say('alice', 'end r1')).toEqual([])
  expect(await sessions.all()).toEqual([])
  expect(await sessions.ending()).toMatchObject([{ id: 'r1', by: 'Alice', why: 'requested', patient: false }])
  expect(details('session-ended')).toEqual({ why: 'requested', pod: 'retina-r1' })
  expect(await saved('r1')).not.toHaveProperty('kept')
  expect(chat.ofKind('ended')[0]?.run).not.toHaveProperty('kept')
})

test('another person’s session looks like one that doesn’t exist, and goes on', async () => {
  const { say, sessions } = await openWarm()
  for (const id of ['r1', 'r2'])
    expect(await say('bob', `end ${id}`)).toMatchObject([
      { kind: 'refused', message: `You have no run ${id}. \`runs\` lists yours.` },
    ])
  expect(await sessions.all()).toHaveLength(1)
})

test('a run without a session, or whose session has ended, has nothing to end', async () => {
  const { say } = await openWarm()
  await say('alice', 'shell node001 drill x', { id: 'r2' })
  for (const id of ['r2', 'r1', 'r1']) {
    const replies = await say('alice', `end ${id}`)
    if (id === 'r2') expect(replies).toMatchObject([{ message: 'There is no warm session for run r2.' }])
  }
  expect(await say('alice', 'end r1')).toMatchObject([{ message: 'There is no warm session for run r1.' }])
})

test('a forged reference to a session, and a changed run, end nothing', async () => {
  const { say, store, sessions } = await openWarm()
  await store.changeRun('r1', (run) => ({ ...run, place: 'forged' }))
  expect(await say('alice', 'end r1')).toMatchObject([{ message: 'There is no warm session for run r1.' }])
  store.breakRun('r1')
  expect(await say('alice', 'end r1')).toMatchObject([{ message: expect.stringContaining('was changed in Redis') }])
  expect(await sessions.all()).toHaveLength(1)
})

test('nothing is ended that can’t be recorded', async () => {
  const { say, audit, sessions } = await openWarm()
  audit.fails = new Error('away')
  await expect(say('alice', 'end r1')).rejects.toThrow('away')
  expect(await sessions.all()).toHaveLength(1)
})

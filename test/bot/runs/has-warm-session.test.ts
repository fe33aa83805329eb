import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

const more = 'shell: { keep: 5m, keepInPods: off }'

/** Opens contexts in which Alice's run r1 has left a warm pod on node001. */
async function openWarm() {
  const all = openContexts({ more })
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  await all.work()
  const dryRuns: string[] = []
  all.cluster.dryRun = async ({ id }) => {
    dryRuns.push(id)
    return { ok: true }
  }
  return { ...all, dryRuns }
}

test('a run that reuses a warm pod says so, and the cluster isn’t asked for a dry run', async () => {
  const { say, dryRuns } = await openWarm()
  expect(await say('alice', 'shell node001 dig x', { id: 'r2' })).toMatchObject([{ note: 'It reuses a warm pod.' }])
  expect(dryRuns).toEqual([])
})

test.each([
  ['another person’s', 'bob', 'shell node001 dig x'],
  ['one on another node', 'alice', 'shell node002 dig x'],
  ['one that needs approval', 'alice', 'shell node001 drill x'],
])('%s run creates a pod, which is tried first', async (_what, user, text) => {
  const { say, dryRuns } = await openWarm()
  const [reply] = await say(user, text, { id: 'r2' })
  expect(reply).not.toHaveProperty('note')
  expect(dryRuns).toEqual(['r2'])
})

test('a pod that is forged, has ended, or ends before the run does isn’t reused', async () => {
  const forged = await openWarm()
  for (const { key } of await forged.sessions.all()) forged.sessions.forge(key)
  const ended = await openWarm()
  ended.clock.pass(301_000)
  const ending = await openWarm()
  for (const { key, session } of await ending.sessions.all())
    if (session !== 'forged') {
      const until = new Date(ending.clock.now().getTime() + 80_000).toISOString()
      await ending.sessions.save({ key, session: { ...session, until } }, 300)
    }
  for (const { say, dryRuns } of [forged, ended, ending]) {
    await say('alice', 'shell node001 dig x', { id: 'r2' })
    expect(dryRuns).toEqual(['r2'])
  }
})

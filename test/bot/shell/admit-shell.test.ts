import { expect, test } from '@jest/globals'
import type { DebugRun } from '#core/ports/cluster'
import { openContexts } from '#test/samples/contexts'

const policy = `
groups: { leads: [bob@example.com] }
capabilitySets:
  plain-shell: { terminal: shell }
  host-shell: { terminal: shell, capabilities: [SYS_CHROOT], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'] } }
grants:
  - { to: [alice@example.com], sets: [plain-shell, host-shell], on: [{ nodes: node001 }] }
  - { to: [carol@example.com], sets: [host-shell], on: [{ nodes: '*' }] }`

/** Opens contexts of a bot that opens shells. */
function openShells() {
  const all = openContexts({ policy })
  all.bot.terminal = { url: new URL('https://bot.example') }
  return all
}

test('a shell that is granted is recorded, opened and listed; its link is for its person alone', async () => {
  const { say, saved, store, chat, queue, recorded, details } = openShells()
  await say('alice', 'shell node001', { id: 's1' })
  expect(await saved('s1')).toMatchObject({ state: 'running', set: 'plain-shell', terminal: expect.anything() })
  expect([...(await store.fields('open-sessions', 'all')).keys()]).toEqual(['s1'])
  expect(recorded()).toEqual(
    ['decided', 'session-opened', 'session-link'].map((what) => `${what} s1 alice@example.com`),
  )
  expect(details('decided')).toMatchObject({ decision: 'allow', set: 'plain-shell' })
  const links = chat.shown.filter(({ message }) => message.kind === 'session-link')
  expect(links).toMatchObject([{ to: 'alice', message: { run: 's1', link: expect.stringContaining('/t/s1#') } }])
  expect(await queue.has('s1')).toBe(false)
})

test('the cluster is asked beforehand about the container that the terminal will make, not about one of a run', async () => {
  const { say, cluster } = openShells()
  const asked: DebugRun[] = []
  const { dryRun } = cluster
  cluster.dryRun = (run) => {
    asked.push(run)
    return dryRun(run)
  }
  await say('alice', 'shell node001', { id: 's1' })
  await say('carol', 'shell node001', { id: 's2' })
  // The longest session, and the time in which its end is shown.
  expect(asked.map(({ id, session }) => [id, session])).toEqual([
    ['s1', { maxSeconds: 3_660 }],
    ['s2', { maxSeconds: 3_660 }],
  ])
})

test('no stored or recorded text has the secret of the link', async () => {
  const { say, saved, chat, audit } = openShells()
  await say('alice', 'shell node001', { id: 's1' })
  const [link] = chat.ofKind('session-link')
  const secret = link?.link.split('#')[1] ?? ''
  expect(secret.length).toBeGreaterThan(30)
  expect(JSON.stringify([await saved('s1'), audit.records])).not.toContain(secret)
})

test('a shell that isn’t granted is refused, on record', async () => {
  const { say, store, counted, details } = openShells()
  expect(await say('dave', 'shell node001', { id: 's1' })).toMatchObject([{ kind: 'refused' }])
  expect(await say('alice', 'shell node002', { id: 's2' })).toMatchObject([{ kind: 'refused' }])
  expect(details('decided')).toMatchObject({ decision: 'deny' })
  expect([await store.run('s1'), await store.run('s2'), counted]).toEqual([
    undefined,
    undefined,
    ['refused', 'refused'],
  ])
})

test('a shell that needs approval is requested, and opens once it is approved', async () => {
  const { say, saved, chat } = openShells()
  expect(await say('carol', 'shell node001', { id: 's1' })).toMatchObject([{ kind: 'asking' }])
  expect((await saved('s1')).state).toBe('asking')
  expect(chat.ofKind('session-link')).toEqual([])
  await say('bob', 'approve s1')
  expect(await saved('s1')).toMatchObject({ state: 'running', terminal: expect.anything() })
  expect(chat.ofKind('session-link')).toMatchObject([{ run: 's1', who: 'Carol' }])
})

test('a shell that can’t be recorded isn’t opened', async () => {
  const { say, store, audit, chat } = openShells()
  audit.fails = new Error('away')
  await expect(say('alice', 'shell node001', { id: 's1' })).rejects.toThrow('away')
  expect([await store.run('s1'), chat.shown]).toEqual([undefined, []])
})

test('a person has as many open shells as the owner allows, and so has a target', async () => {
  const { say, settings, store } = openShells()
  settings.rules = { ...settings.rules, shells: { ...settings.rules.shells, perPerson: 1 } }
  await say('alice', 'shell node001', { id: 's1' })
  expect(await say('alice', 'shell node001', { id: 's2' })).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('You have 1 open shells') },
  ])
  settings.rules = { ...settings.rules, shells: { ...settings.rules.shells, perPerson: 9, perTarget: 1 } }
  expect(await say('alice', 'shell node001', { id: 's3' })).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('open shells on node/node001') },
  ])
  expect([await store.run('s2'), await store.run('s3')]).toEqual([undefined, undefined])
})

test('what can’t be asked for like this is explained', async () => {
  const { say, audit } = openShells()
  const said = async (text: string) => (await say('alice', text))[0]
  expect(await said('shell --deadline 30s node001')).toMatchObject({
    message: expect.stringContaining('leave out --deadline'),
  })
  expect(await said('shell --break-glass --reason "x" node001')).toMatchObject({
    message: expect.stringContaining('never opened by --break-glass'),
  })
  expect(await said('shell --set plain-shel node001')).toMatchObject({
    message: expect.stringContaining('plain-shell'),
  })
  expect(await said('shell --context lab node001')).toMatchObject({
    message: expect.stringContaining('no cluster "lab"'),
  })
  expect(await openContexts({ policy }).say('alice', 'shell node001')).toMatchObject([
    { kind: 'misunderstood', message: expect.stringContaining('This bot opens no shells') },
  ])
  expect(audit.records).toEqual([])
})

import { expect, test } from '@jest/globals'
import type { SessionRecording } from '#core/recording/session-recording'
import { openContexts } from '#test/samples/contexts'

const policy = `
capabilitySets: { plain-shell: { terminal: shell }, auditing: { recordings: raw } }
grants:
  - { to: [alice@example.com, dave@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }
  - { to: [bob@example.com], sets: [auditing], on: [{ nodes: 'node0*' }] }
  - { to: [carol@example.com], sets: [auditing], on: [{ nodes: '*' }], in: ['slack:channel/C'] }`

const sample: SessionRecording = {
  ...{ id: 's1', by: { id: 'alice@example.com', name: 'Alice' }, set: 'plain-shell', labels: {}, namespaceLabels: {} },
  ...{ target: { kind: 'node', cluster: 'dev', name: 'node001' }, key: 'k', hash: 'h', events: 3, size: 9, sealed: 3 },
  ...{ segments: 1, from: 0, upTo: 1_234, startedAt: '2026-11-24T01:00:00.000Z', endedAt: '2026-11-24T01:05:12.000Z' },
  expiresAt: '2027-01-01T00:00:00.000Z',
}

/** Opens contexts with a recording of Alice on node001, and an older one on node002. */
async function open() {
  const all = openContexts({ policy })
  const links: string[] = []
  all.bot.replays = {
    async link({ run, by }) {
      links.push(`${run} ${by.id}`)
      return `https://bot.example/t/replay/${run}#token`
    },
  }
  const other: SessionRecording = {
    ...{ ...sample, id: 's2', startedAt: '2026-11-20T01:00:00.000Z', endedAt: '2026-11-20T01:00:01.000Z' },
    target: { kind: 'node', cluster: 'dev', name: 'node002' },
  }
  for (const each of [other, sample]) await all.store.setField('recordings', 'all', each.id, each, 1_000)
  return { ...all, links }
}

test('people see their own recordings, the newest first', async () => {
  const { say } = await open()
  expect(await say('alice', 'recordings')).toMatchObject([
    {
      rows: [
        ['s1', '2026-11-24T01:00', 'Alice', 'node/node001', '5 min 12 s', '1.2 kB'],
        ['s2', '2026-11-20T01:00', 'Alice', 'node/node002', '1 s', '1.2 kB'],
      ],
    },
  ])
  expect(await say('dave', 'recordings')).toMatchObject([{ rows: [] }])
})

test('they are narrowed by target, person and time', async () => {
  const { say } = await open()
  const ids = async (flags: string) => {
    const [message] = await say('alice', `recordings ${flags}`)
    return message?.kind === 'listing' ? message.rows.map(([id]) => id) : message
  }
  expect(await ids('--target node001')).toEqual(['s1'])
  expect(await ids('--target node/node002 --person ALICE@example')).toEqual(['s2'])
  expect(await ids('--person bob')).toEqual([])
  expect(await ids('--since 2d')).toEqual(['s1'])
  expect(await ids('--since 2026-11-20')).toEqual(['s1', 's2'])
  for (const wrong of ['--since yesterday', '--since', '--until 2d', 'node001'])
    expect(await ids(wrong)).toMatchObject({ kind: 'misunderstood', suggestion: 'recordings --since 7d' })
})

test('T32 others’ recordings: only by the right on their target, and by a grant for all channels', async () => {
  const { say, links } = await open()
  expect(await say('bob', 'replay s1')).toMatchObject([{ kind: 'replay-link', target: 'node/node001', who: 'Bob' }])
  expect(links).toEqual(['s1 bob@example.com'])
  for (const user of ['carol', 'dave'])
    expect(await say(user, 'replay s1')).toMatchObject([
      { kind: 'refused', message: expect.stringContaining('no recording s1') },
    ])
  expect(await say('alice', 'replay s9')).toMatchObject([{ kind: 'refused' }])
  expect(links).toHaveLength(1)
})

test('T44 a description that was changed is not used; without an address there are no links', async () => {
  const { say, store, bot } = await open()
  store.breakField('recordings', 'all', 's1')
  expect(await say('alice', 'replay s1')).toMatchObject([{ kind: 'refused' }])
  delete bot.replays
  expect(await say('alice', 'replay s2')).toMatchObject([
    { message: expect.stringContaining('"terminal: { url }" is not set') },
  ])
})

test('without room for its recording no shell opens', async () => {
  const { say, artifacts, bot } = await open()
  bot.terminal = { url: new URL('https://bot.example') }
  artifacts.most = 1_000_000
  expect(await say('alice', 'shell node001')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('There is no room for its recording') },
  ])
})

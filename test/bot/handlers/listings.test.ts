import { expect, test } from '@jest/globals'
import type { NodeInfo } from '#core/request/target'
import { openContexts } from '#test/samples/contexts'

const listed = async (say: ReturnType<typeof openContexts>['say'], user: string, text: string) => {
  const [reply] = await say(user, text)
  if (reply?.kind !== 'listing') throw new Error(JSON.stringify(reply))
  return reply
}
const names = ({ rows }: { rows: readonly (readonly string[])[] }) => rows.map(([name]) => name)

test('nodes and pods are listed for people who may name them, by pattern', async () => {
  const { say } = openContexts()
  expect(names(await listed(say, 'alice', 'nodes'))).toEqual(['node001', 'node002', 'win001'])
  expect(names(await listed(say, 'alice', 'nodes node*1'))).toEqual(['node001'])
  expect(await listed(say, 'alice', 'nodes nothing*')).toMatchObject({
    rows: [],
    note: 'Nothing matches that pattern.',
  })
  expect((await listed(say, 'alice', 'pods -n shop')).rows).toEqual([['web-1', 'Running', 'node001']])
  expect(await listed(say, 'alice', 'pods -n shop db*')).toMatchObject({ rows: [] })
})

test('a person without access gets no names', async () => {
  const { say } = openContexts()
  expect(await say('dave', 'nodes')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('You have no access here') },
  ])
  expect(await say('dave', 'pods -n shop')).toMatchObject([
    { kind: 'refused', message: 'There is no pod in the namespace shop that you have access to.' },
  ])
})

test('a long list is cut, and says so', async () => {
  const node = (at: number): NodeInfo => ({
    ...{
      uid: `u${at}`,
      name: `more${at}`,
      labels: {},
      status: at > 0 ? 'Ready' : 'NotReady,SchedulingDisabled',
      os: 'linux',
      version: 'v1',
    },
  })
  const { say } = openContexts({ nodes: Array.from({ length: 60 }, (_each, at) => node(at)) })
  const { rows, note } = await listed(say, 'alice', 'nodes')
  expect(rows).toHaveLength(50)
  expect(note).toContain('and 13 more')
  expect((await listed(say, 'alice', 'nodes more0')).rows).toEqual([
    ['more0', 'NotReady,SchedulingDisabled', 'linux', 'v1'],
  ])
})

test('an unknown cluster is named, with the default one', async () => {
  const { say } = openContexts()
  const message = 'There is no cluster "lab". The default is dev.'
  for (const text of ['nodes --context lab', 'pods --context lab -n shop'])
    expect(await say('alice', text)).toMatchObject([{ kind: 'misunderstood', message }])
})

test('runs lists a person’s own runs and fan-outs, newest first', async () => {
  const { say, work, clock } = openContexts()
  expect(await listed(say, 'alice', 'runs')).toMatchObject({ rows: [], note: 'You have not run anything yet.' })
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await work()
  clock.pass(1_000)
  await say('alice', 'shell -l pool dig x', { id: 'f1' })
  clock.pass(1_000)
  await say('alice', 'shell node002 drill x', { id: 'r2' })
  expect((await listed(say, 'alice', 'runs')).rows).toEqual([
    ['r2', 'asking', 'node/node002', 'drill x'],
    ['f1', '2 targets', 'nodes with pool', 'dig x'],
    ['r1', 'completed', 'node/node001', 'dig x'],
  ])
  expect((await listed(say, 'bob', 'runs')).rows).toEqual([])
})

test('whoami says who a person is, their groups and what they may do; whom to ask where that is nothing', async () => {
  const { say } = openContexts()
  const bob = await listed(say, 'bob', 'whoami')
  expect(bob).toMatchObject({ title: 'You are bob@example.com', note: expect.stringContaining('Your groups: leads') })
  expect(names(bob)).toEqual(['probe', 'guarded (after approval)', 'host-write (after approval)'])
  const dave = await listed(say, 'dave', 'whoami')
  expect(dave.rows).toEqual([])
  expect(dave.note).toContain('You have no access yet. Ask #platform.')
})

test('tools lists those that a person may use', async () => {
  const { say } = openContexts({
    policy: `capabilitySets: { probe: { tools: [ping] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }] }]`,
  })
  expect(names(await listed(say, 'alice', 'tools'))).toContain('ping')
  expect(names(await listed(say, 'alice', 'tools'))).not.toContain('dig')
  expect(await listed(say, 'dave', 'tools')).toMatchObject({ note: expect.stringContaining('You have no access yet') })
})

test('version shows the versions of bot and image, and the clusters', async () => {
  const { say } = openContexts()
  expect(await listed(say, 'dave', 'version')).toMatchObject({
    title: 'Retina ChatOps 1.2.3',
    rows: [
      ['bot', '1.2.3'],
      ['shell image', 'shell:v1'],
      ['clusters', 'dev'],
    ],
  })
})

import { expect, test } from '@jest/globals'
import { openTriages } from '#test/samples/triage'

/** Opens contexts in which Alice's triage t1 has found that a node has no route. */
async function openFound() {
  const all = openTriages({
    tools: {
      ip: () => [
        { err: 'RTNETLINK answers: Network is unreachable\n' },
        { end: { reason: 'failed' as const, exitCode: 2 } },
      ],
    },
  })
  await all.say('alice', 'triage node001 node-network', { id: 't1' })
  await all.work()
  return all
}

test('what a finding suggests runs as if it had been typed', async () => {
  const all = await openFound()
  expect(await all.say('alice', 'next t1 route-default', { id: 'r1' })).toMatchObject([
    { kind: 'queued', run: { command: 'ip route', target: 'node/node001' } },
  ])
  expect((await all.saved('r1')).request).toMatchObject({
    by: { id: 'alice@example.com' },
    typed: { text: 'shell --context dev node/node001 ip route' },
  })
})

test('without a name, it is the first finding', async () => {
  const all = await openFound()
  expect(await all.say('alice', 'next t1')).toMatchObject([{ kind: 'queued', run: { command: 'ip route' } }])
})

test('T07 another person’s press is judged by their own rights', async () => {
  const all = await openFound()
  expect(await all.say('dave', 'next t1 route-default', { id: 'r1' })).toMatchObject([{ kind: 'refused' }])
  expect(await all.say('bob', 'next t1 route-default', { id: 'r2' })).toMatchObject([{ kind: 'queued' }])
  expect((await all.saved('r2')).request.by.id).toBe('bob@example.com')
})

test.each(['next t1 dns-cluster', 'next t1 nosuch', 'next nosuch route-default'])(
  '`%s` has nothing to do',
  async (text) => {
    const all = await openFound()
    expect(await all.say('alice', text)).toMatchObject([
      { kind: 'refused', message: expect.stringContaining('There is nothing to do next for') },
    ])
  },
)

test('T44 a triage that something else changed in the store suggests nothing', async () => {
  const all = await openFound()
  all.store.breakValue('fan-out', 't1')
  expect(await all.say('alice', 'next t1 route-default')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('was changed in Redis') },
  ])
})

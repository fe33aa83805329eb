import { expect, test } from '@jest/globals'
import { openContexts, sampleChannel } from '#test/samples/contexts'

test('an allowed command is recorded, queued, and answered with its place', async () => {
  const { say, saved, queue, counted, recorded, details } = openContexts()
  expect(await say('alice', 'shell node001 ping 10.0.0.1', { id: 'r1' })).toMatchObject([
    {
      kind: 'queued',
      run: { id: 'r1', command: 'ping -c 5 10.0.0.1', added: ['-c 5: ping does not end by itself'], set: 'probe' },
    },
  ])
  expect(await saved('r1')).toMatchObject({
    ...{ state: 'queued', set: 'probe', grant: 'grants[0]', message: { channel: 'C', message: 'm1' } },
    spec: { pipeline: [['ping', '-c', '5', '10.0.0.1']], targetUid: 'uid-node001', deadline: 60 },
  })
  expect(await queue.has('r1')).toBe(true)
  expect(recorded()).toEqual(['decided r1 alice@example.com', 'queued r1 alice@example.com'])
  expect(details('decided')).toMatchObject({ decision: 'allow', set: 'probe', grant: 'grants[0]' })
  expect(counted).toEqual(['queued'])
})

test('a command that isn’t granted is refused, on record, with what would cover it', async () => {
  const { say, store, counted, details } = openContexts()
  expect(await say('dave', 'shell node001 dig x', { id: 'r1' })).toMatchObject([
    { kind: 'refused', wayOut: expect.stringContaining('ask #platform') },
  ])
  expect(details('decided')).toMatchObject({ decision: 'deny', why: 'no-grant' })
  expect([await store.run('r1'), counted]).toEqual([undefined, ['refused']])
})

test('a decision that can’t be recorded runs nothing', async () => {
  const { say, store, queue, audit } = openContexts()
  audit.fails = new Error('away')
  await expect(say('alice', 'shell node001 dig x', { id: 'r1' })).rejects.toThrow('away')
  expect([await store.run('r1'), await queue.has('r1')]).toEqual([undefined, false])
})

test('who may work on a target is told what is wrong with it, others aren’t', async () => {
  const { say, cluster } = openContexts()
  cluster.problems.set('node002', { problem: 'not-ready', message: 'node002 is not ready.' } as never)
  expect(await say('alice', 'shell node002 dig x')).toMatchObject([{ message: 'node002 is not ready.' }])
  expect(await say('alice', 'shell node01 dig x')).toMatchObject([
    { message: 'There is no node "node01". Did you mean node/node001 or node/node002?' },
  ])
  const [stranger] = await say('dave', 'shell node002 dig x')
  expect(JSON.stringify(stranger)).not.toContain('not ready')
})

test('a pod in which nothing can be started is refused with what to type instead', async () => {
  const { say, cluster } = openContexts()
  const ask = 'shell -n shop pod/web-1 dig x'
  cluster.problems.set('web-1', { problem: 'not-running', message: 'The pod web-1 has ended.', node: 'node001' })
  expect(await say('alice', ask)).toMatchObject([
    { wayOut: 'To look from its node: `shell node001 dig x`. `pods -n shop` shows its state.' },
  ])
  cluster.problems.set('web-1', { problem: 'not-running', message: 'The pod web-1 is on no node yet.' })
  expect(await say('alice', ask)).toMatchObject([{ wayOut: '`pods -n shop` shows its state.' }])
  cluster.problems.set('web-1', { problem: 'container-not-running', message: 'Its container app crashes.' })
  expect(await say('alice', 'shell -n shop pod/web-1 -c app dig x')).toMatchObject([
    { wayOut: expect.stringContaining('Leave out `-c app`, ') },
  ])
})

test('what the cluster would refuse is refused before it is queued', async () => {
  const { say, store, cluster } = openContexts()
  cluster.refusals.set('node001', 'a quota is used up')
  expect(await say('alice', 'shell node001 dig x', { id: 'r1' })).toMatchObject([
    { kind: 'refused', message: 'The cluster would refuse this: a quota is used up' },
  ])
  expect(await store.run('r1')).toBeUndefined()
})

test('a dry run explains the decision, and neither records nor queues anything', async () => {
  const { say, audit, queue, cluster } = openContexts()
  expect(await say('alice', 'shell --dry-run node001 dig x')).toMatchObject([{ title: 'Yes: this would run' }])
  expect(await say('alice', 'can-i shell node001 drill x')).toMatchObject([{ title: 'Only after approval' }])
  expect(await say('dave', 'can-i shell node001 dig x')).toMatchObject([{ title: 'No: this would be refused' }])
  cluster.refusals.set('node001', 'a quota is used up')
  expect(await say('alice', 'can-i shell node001 dig x')).toMatchObject([
    { rows: expect.arrayContaining([['problem', 'a quota is used up']]) },
  ])
  expect(await say('alice', 'can-i shell node009 dig x')).toMatchObject([
    { rows: expect.arrayContaining([['problem', 'There is no node "node009".']]) },
  ])
  expect(audit.records).toEqual([])
  expect((await queue.counts()).waiting).toBe(0)
})

test('a run that has to wait says how long its queue is; one without workers, that none is there', async () => {
  const { say, queue } = openContexts()
  await say('alice', 'shell node001 dig x')
  await say('alice', 'shell node001 dig x')
  expect(await say('bob', 'shell node001 dig x')).toMatchObject([{ note: 'One run is ahead of it.' }])
  queue.workers = 0
  expect(await say('carol', 'shell node001 dig x')).toMatchObject([
    { note: expect.stringContaining('No worker is running.') },
  ])
})

test('the message of a run in a channel shows its state only, if the owner wants its output in the thread', async () => {
  const { say, saved } = openContexts()
  expect(await say('alice', 'shell node001 dig x', { id: 'r1', threaded: true })).toMatchObject([{ part: 'root' }])
  expect(await saved('r1')).toMatchObject({ threaded: true })
  await say('alice', 'shell node001 dig x', { id: 'r2', thread: { ...sampleChannel, thread: 'm0' } })
  expect(await saved('r2')).not.toHaveProperty('threaded')
})

test('a bot that takes the command over saves no second run', async () => {
  const { say, typed, bot, store, queue } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await say('alice', 'shell node001 dig x', { id: 'r1', isRetry: true })
  expect(await store.runsOf('alice@example.com', 9)).toHaveLength(1)
  expect((await queue.counts()).waiting).toBe(1)
  const { ctx, isSaved } = typed('alice', 'shell node001 dig x')
  const { parseAndDispatch } = await import('#src/bot/inbox/parse-and-dispatch')
  await parseAndDispatch(bot, ctx, false)
  expect(isSaved()).toBe(true)
})

import { expect, test } from '@jest/globals'
import { openContexts, sampleChannel } from '#test/samples/contexts'
import { openRunPages } from '#test/samples/run-pages'

/** Opens contexts with run pages, in which Alice's run r1 has ended. */
async function openPages() {
  const all = openContexts()
  const { grants, load, grant: ask } = openRunPages(all)
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  await all.work()
  const grant = (user: string, text = 'link r1') => ask(user, text)
  return { ...all, grants, load, grant }
}

test('a link is for the person who asks, to a run whose output they may see', async () => {
  const { say, grants } = await openPages()
  expect(await say('bob', 'link r1')).toEqual([{ kind: 'link', run: 'r1', who: 'Bob', link: 'https://bot.example/1' }])
  expect(grants).toMatchObject([
    { run: 'r1', by: { id: 'bob@example.com' }, account: { user: 'bob' }, thread: sampleChannel },
  ])
})

test('there is no link to others’ runs, to one that goes on, or where there are no pages', async () => {
  const { say, grants, store } = await openPages()
  await say('alice', 'shell node001 dig x', { id: 'r2' })
  const message = (id: string) => `You have no finished run ${id}. \`runs\` lists yours.`
  expect(await say('alice', 'link r2')).toMatchObject([{ message: message('r2') }])
  expect(await say('bob', 'link r1', { thread: { ...sampleChannel, channel: 'other' } })).toMatchObject([
    { message: message('r1') },
  ])
  store.breakRun('r1')
  expect(await say('alice', 'link r1')).toMatchObject([{ message: expect.stringContaining('was changed in Redis') }])
  expect(grants).toEqual([])
  expect(await openContexts().say('alice', 'link r1')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('"pages: { url }" is not set') },
  ])
})

test('the page has the result, the output and the audit records of the run', async () => {
  const { load, grant } = await openPages()
  const page = await load(await grant('alice'))
  expect(page).toMatchObject({ output: '10.0.0.1\n', words: { title: expect.stringContaining('dig x') } })
  if ('refused' in page) throw new Error(page.refused)
  expect(page.trail.map(({ what }) => what)).toEqual(['decided', 'queued', 'started', 'ended'])
})

test('a page is authorized again each time it is opened', async () => {
  const { load, grant, directory, store } = await openPages()
  const own = await grant('alice')
  const bobs = await grant('bob')
  directory.people.delete('bob')
  expect(await load(bobs)).toEqual({ refused: 'Its platform does not know this account.' })
  directory.people.set('alice', { id: 'mallory@example.com', name: 'Mallory', groups: [] })
  expect(await load(own)).toEqual({ refused: 'This account now belongs to another person.' })
  directory.people.set('alice', { id: 'alice@example.com', name: 'Alice', groups: [] })
  store.breakRun('r1')
  expect(await load(own)).toEqual({ refused: 'This run no longer exists.' })
})

test('a page says where the output was changed in the store', async () => {
  const { load, grant, store, details } = await openPages()
  store.changeOutput('r1', 'forged\n')
  const page = await load(await grant('alice'))
  expect(page).toMatchObject({ output: 'forged\n' })
  expect(JSON.stringify(page)).toMatch(/changed/)
  expect(details('alarm')).toEqual({ why: 'the stored output was changed' })
})

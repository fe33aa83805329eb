import { expect, test } from '@jest/globals'
import { openContexts, sampleChannel } from '#test/samples/contexts'
import { openRunPages } from '#test/samples/run-pages'

/** Opens contexts with pages, in which Alice has run one command in the sample channel and one elsewhere. */
async function open() {
  const all = openContexts()
  const pages = openRunPages(all)
  await all.say('alice', 'shell node001 dig example.com', { id: 'r1' })
  await all.say('alice', 'shell node001 dig elsewhere.example', {
    id: 'r2',
    thread: { ...sampleChannel, channel: 'other' },
  })
  await all.work()
  return { ...all, ...pages }
}

test('timeline --page links to a page that has the events and both files, for the person who asks', async () => {
  const { say, grants, load } = await open()
  const replies = await say('bob', 'timeline --page --since 2h', { id: 't1' })
  expect(replies).toEqual([{ kind: 'link', run: 't1', who: 'Bob', link: 'https://bot.example/1', timeline: true }])
  const [grant] = grants
  if (grant === undefined) throw new Error('no link was given')
  expect(grant).toMatchObject({ by: { id: 'bob@example.com' }, account: { user: 'bob' } })
  const page = await load(grant)
  if ('refused' in page) throw new Error(page.refused)
  expect(page.output).toContain('Alice: dig example.com on node/node001')
  expect(page.output).not.toContain('elsewhere')
  expect(page.words).toMatchObject({ title: expect.stringContaining('What happened in') })
  expect(page.files?.map(({ name }) => name)).toEqual(['timeline.md', 'timeline.json'])
  expect(page.files?.[0]?.text).toContain('| time | who | what | outcome | id |')
  expect(JSON.parse(page.files?.[1]?.text ?? '')).toMatchObject({ entries: [{ kind: 'run', who: 'Alice', id: 'r1' }] })
})

test('who has no rights gets no link, and who loses them sees nothing on the page', async () => {
  const { say, grants, load, grant, directory } = await open()
  expect(await say('dave', 'timeline --page')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('no access') },
  ])
  expect(grants).toEqual([])
  const given = await grant('bob', 'timeline --page')
  directory.people.set('bob', { id: 'dave@example.com', name: 'Dave', groups: [] })
  expect(await load(given)).toEqual({ refused: 'This account now belongs to another person.' })
  const daves = { ...given, by: { id: 'dave@example.com', name: 'Dave' } }
  expect(await load(daves)).toEqual({ refused: expect.stringContaining('no access') })
})

test('without pages, timeline --page says what is missing', async () => {
  expect(await openContexts().say('alice', 'timeline --page')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('"pages: { url }" is not set') },
  ])
})

import { expect, test } from '@jest/globals'
import { freePort } from '#dev/machine/free-port'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { fakeTerminal } from '#test/fakes/fake-terminal'
import { inChannels, shown } from '#test/fakes/slack/shown'
import { buttonsOf, read } from '#test/fakes/teams/card'
import { atEnd, openApp } from './app.ts'
import { ids, openTeamsFlow } from './teams-app.ts'
import { linkFor, openShellPage, openTerminalApp, shellPolicy, waitForText } from './terminal-app.ts'
import { waitFor, waitUntil } from './wait-for.ts'

const redis = useRedis()
const browser = useBrowser()
const newPage = usePage(browser)

async function openOptions(more = '') {
  await redis.empty()
  const port = await freePort()
  const shells = fakeTerminal()
  return {
    ...{
      redis: redis.url(),
      cluster: 'name: dev',
      openCluster: () => fakeCluster('dev', {}),
      port,
      policy: shellPolicy,
    },
    ...{ terminals: { shells, containers: shells }, more: `terminal: { url: 'http://localhost:${port}' }\n${more}` },
  }
}

const linkIn = (text: string) => /http:\/\/localhost\S+?\/t\/\w+#[\w-]+/.exec(text)?.[0]

test('Teams: in a channel everybody sees that a shell is open, and its person alone gets the link', async () => {
  const { inTeams, showsInTeams, teams } = await openTeamsFlow(await openOptions(), atEnd)
  await inTeams.say(ids.alice, 'shell node001')
  const open = await showsInTeams(/Shell open on node\/node001/)
  expect(open.only).toBeUndefined()
  expect(linkIn(JSON.stringify(open.card))).toBeUndefined()
  expect([...buttonsOf(open.card).keys()]).toEqual(['open', 'end'])
  const find = () => teams.state.messages.find(({ card }) => linkIn(JSON.stringify(card)) !== undefined)
  const message = await waitFor('the link came', find)
  expect(message.only).toContain(ids.alice)
  expect(read(message.card)).toContain('Only you can use this link')
  const page = await newPage()
  await openShellPage(page, linkIn(JSON.stringify(message.card)) ?? '')
  await page.keyboard.type('exit 0\n')
  await showsInTeams(/Shell on node\/node001 ended with exit code 0/)
})

test('Teams: in a personal chat the link is in that chat, and Open sends another one', async () => {
  const { inTeams, showsInTeams, teams } = await openTeamsFlow(await openOptions(), atEnd)
  await inTeams.say(ids.alice, 'shell node001', { conversation: 'a:alice' })
  const open = await showsInTeams(/Shell open on node\/node001/)
  const links = () =>
    teams.state.messages.flatMap((each) => ({ ...each, link: linkIn(JSON.stringify(each.card)) ?? [] }))
  const found = () => links().filter(({ link }) => typeof link === 'string')
  await waitUntil('the link came', () => found().length === 1)
  await inTeams.say(ids.alice, `open ${/session (\w{12})|\b([a-z2-7]{12})\b/.exec(read(open.card))?.[0] ?? ''}`, {
    conversation: 'a:alice',
  })
  await waitUntil('another link came', () => found().length === 2)
  expect(found().map(({ conversation }) => conversation)).toEqual(['a:alice', 'a:alice'])
})

test('the web chat, which has no private messages: the link is in the thread, and opens the shell', async () => {
  const web = `web:
  port: 0
  channels: [incident]
  people: [{ id: alice@example.com, name: Alice }]`
  const flow = await openApp(await openOptions(web))
  const page = await newPage()
  await page.goto(flow.running.web ?? '')
  await page.getByLabel('You are').locator('option').first().waitFor({ state: 'attached' })
  await page.getByLabel('Command').fill('shell node001')
  await page.getByLabel('Command').press('Enter')
  await page.getByText('Shell open on node/node001').first().waitFor()
  const link = page.getByRole('link', { name: 'Open the shell' })
  await link.waitFor()
  const context = await browser().newContext()
  atEnd(() => context.close())
  const shell = await context.newPage()
  await openShellPage(shell, (await link.getAttribute('href')) ?? '')
  await shell.keyboard.type('count 3\n')
  await waitForText(shell, '3\n$')
})

const choice = (value: string) => ({ selected_option: { value } })

test('the form behind /retina offers a shell, where a set gives one, and opens it', async () => {
  const flow = await openTerminalApp(redis)
  const { people, slack } = flow
  await people.command('U0ALICE', '')
  await waitUntil('the form is open', () => slack.state.views.length === 1)
  const [form] = slack.state.views
  if (form === undefined) throw new Error('no form')
  expect((await people.suggest('U0ALICE', form, 'tool', ''))[0]).toMatchObject({ value: 'shell' })
  expect((await people.suggest('U0CAROL', form, 'tool', 'shell')).map(({ value }) => value)).toEqual([])
  const filled = { target: choice('node/node001'), tool: choice('shell'), words: { value: 'ignored' } }
  await people.submit('U0ALICE', form, filled)
  await flow.shows(/Shell open on node\/node001/)
  expect(await linkFor(flow, 'U0ALICE')).toContain('/t/')
  expect(inChannels(slack.state.messages).map(shown).join('\n')).not.toContain('/t/')
})

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { TerminalWork } from '#core/ports/terminal'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { partsOfLink } from '#test/environment/terminal-client'
import { fakeTerminal } from '#test/fakes/fake-terminal'
import { atEnd } from './app.ts'
import { askForShell, linkFor, openShellPage, openTerminalApp, waitForText } from './terminal-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const newPage = usePage(useBrowser())
const soon = { timing: { terminalRightsMs: 200, terminalSweepMs: 100, personCacheMs: 100 } }

async function openShell(more: Parameters<typeof openTerminalApp>[1] = soon) {
  const flow = await openTerminalApp(redis, more)
  const page = await newPage()
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  return { ...flow, page, id: /\/t\/(\w+)#/.exec(link)?.[1] ?? '' }
}

test('T31 a grant that is removed closes the session at once, and the container is removed', async () => {
  // Rights are otherwise asked again after an hour.
  const flow = await openShell({ timing: { ...soon.timing, terminalRightsMs: 3_600_000 } })
  writeFileSync(flow.file, readFileSync(flow.file, 'utf8').replace('[probe, plain-shell, host-shell]', '[probe]'))
  await flow.page.getByText(/This session has ended: the policy changed: /).waitFor()
  await flow.shows(/Shell on node\/node001 ended/)
  await waitUntil('the container is removed', () => flow.shells.containers.size === 0)
})

test('T31 an account that is deactivated closes the session', async () => {
  const flow = await openShell()
  const user = flow.slack.state.users.get('U0ALICE')
  if (user !== undefined) user.deleted = true
  await flow.page
    .getByText(/This session has ended: U0ALICE no longer has access: This account is deactivated\. Open/)
    .waitFor()
})

test('T31 a cluster that doesn’t answer delays no other session’s end', async () => {
  const shells = fakeTerminal()
  const { promise: answer, resolve } = Promise.withResolvers<void>()
  const asked: string[] = []
  const remove = async (work: TerminalWork) => {
    asked.push(work.id)
    await answer
    await shells.remove(work)
  }
  const flow = await openTerminalApp(redis, { ...soon, terminals: { shells, containers: { ...shells, remove } } })
  atEnd(async () => resolve())
  const first = await askForShell(flow, 'U0ALICE')
  await flow.people.command('U0ALICE', `end ${partsOfLink(first).id}`)
  await waitUntil('the container of the first is to be removed', () => asked.length > 0)
  const page = await newPage()
  await openShellPage(page, await askForShell(flow, 'U0ALICE'))
  writeFileSync(flow.file, readFileSync(flow.file, 'utf8').replace('[probe, plain-shell, host-shell]', '[probe]'))
  await page.getByText(/This session has ended: the policy changed: /).waitFor()
})

test('T31 rights are asked again at each connection', async () => {
  // Nothing else asks for them meanwhile.
  const flow = await openShell({ timing: { ...soon.timing, terminalSweepMs: 3_600_000 } })
  const user = flow.slack.state.users.get('U0ALICE')
  if (user !== undefined) user.deleted = true
  // A connection within the age of what is cached goes on.
  await waitUntil('a new connection is refused', async () => {
    await flow.page.reload()
    await flow.page
      .getByText(/^Connected$|This session has ended/)
      .first()
      .waitFor()
    return flow.page.getByText(/This session has ended: U0ALICE no longer has access/).isVisible()
  })
})

test('T31 end ID, the button, the page and a pause end it', async () => {
  const flow = await openShell()
  await flow.people.command('U0ALICE', 'sessions')
  await flow.shows(new RegExp(flow.id))
  await flow.people.command('U0BOB', `end ${flow.id}`)
  await flow.shows(/You have no run/)
  await flow.people.command('U0ALICE', `end ${flow.id}`)
  await flow.page.getByText(/This session has ended: .*U0ALICE.* ended it/).waitFor()
  await flow.shows(/It ended because .*U0ALICE.* ended it/)
  await waitUntil('the container is removed', () => flow.shells.containers.size === 0)
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(flow.page, link)
  await flow.page.getByRole('button', { name: 'End session' }).click()
  await flow.page.getByText(/This session has ended: U0ALICE ended it/).waitFor()
  const next = await askForShell(flow, 'U0ALICE')
  await openShellPage(flow.page, next)
  writeFileSync(flow.file, `${readFileSync(flow.file, 'utf8')}\npaused: maintenance\n`)
  await flow.page.getByText(/This session has ended: all runs are paused by retina.yaml: maintenance/).waitFor()
})

test('the shell’s own end is shown with its exit code, on the page and in the chat', async () => {
  const flow = await openShell()
  await flow.page.keyboard.type('exit 3\n')
  await flow.page.getByText('The shell ended with exit code 3.').waitFor()
  await flow.shows(/Shell on node\/node001 ended with exit code 3/)
  await waitUntil('the container is removed', () => flow.shells.containers.size === 0)
})

test('T36 a host shell waits for another person, whose card says in plain words what it can do', async () => {
  const flow = await openTerminalApp(redis, soon)
  await flow.people.command('U0ALICE', 'shell --set host-shell node001')
  await flow.shows(/requires approval, and the approvers need a reason/)
  const before = flow.slack.state.messages.length
  await flow.people.command('U0ALICE', 'shell --set host-shell --reason "the disk is full" node001')
  const card = await flow.shows(/Needs approval: bash on node\/node001/)
  expect(JSON.stringify(card.blocks)).toContain(
    'become root on node001: it can start systemd units, read every secret there and end any process',
  )
  expect(JSON.stringify(card.blocks)).toContain(
    'run every program that its container has, by command lines that nobody judges',
  )
  expect(flow.shells.started).toEqual([])
  await flow.people.press('U0BOB', 'approve', card)
  await flow.shows(/Shell open on node\/node001/)
  const page = await newPage()
  await openShellPage(page, await linkFor(flow, 'U0ALICE', before))
  await page.keyboard.type('count 2\n')
  await waitForText(page, '2\n$')
  // The approver leaves the group.
  writeFileSync(
    flow.file,
    readFileSync(flow.file, 'utf8').replace('leads: [bob@example.com]', 'leads: [carol@example.com]'),
  )
  await page.getByText(/This session has ended: U0BOB, who approved it, may no longer do so/).waitFor()
})

test('limits of shells are said with a way out, and can-i says what a shell would be', async () => {
  const flow = await openTerminalApp(redis, { more: 'limits: { shellsPerPerson: 1 }' })
  await askForShell(flow, 'U0ALICE')
  await flow.people.command('U0ALICE', 'shell node002')
  await flow.shows(/You have 1 open shells/)
  await flow.people.command('U0ALICE', 'can-i shell --set host-shell node001')
  await flow.shows(/Only after approval[\s\S]*become root on node001/)
  await flow.people.command('U0BOB', 'can-i shell node001')
  await flow.shows(/Yes: this shell would open[\s\S]*plain-shell/)
})

test('a shell that nobody opens, or that nobody uses, ends by itself', async () => {
  const flow = await openTerminalApp(redis, soon)
  const rest = (link: string) =>
    flow.changeRun(/\/t\/(\w+)#/.exec(link)?.[1] ?? '', (run) =>
      run.terminal === undefined ? run : { ...run, terminal: { ...run.terminal, activeAt: '2026-01-01T00:00:00Z' } },
    )
  await rest(await askForShell(flow, 'U0ALICE'))
  await flow.shows(/It ended because nobody opened it/)
  const page = await newPage()
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  await rest(link)
  await page.getByText(/This session has ended: nothing was typed or printed for 10 minutes/).waitFor()
})

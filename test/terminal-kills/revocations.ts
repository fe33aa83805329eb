import '../../src/core/util/disable-background-compilers.js'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { delay } from '#core/util/delay'
import { openCleanup, useTemporaryFolder } from '#dev/machine/cleanup'
import { seededRandom } from '#test/chaos/random'
import { shown } from '#test/fakes/slack/shown'
import { waitFor, waitUntil } from '#test/flow/wait-for'
import { openKillsEnvironment } from './environment.ts'
import { writeFigures } from './figures.ts'
import { handedUpTo, noteWhatIsShown } from './page-record.ts'
import { changeConfiguration } from './shell-faults.ts'

const usage = `npm run terminal-revocations [-- --times N] [--seed N] [--write]
  Takes rights away from open shells at random moments, with the times of a deployed program, and measures how long the page still had its shell:
  a grant removed, an approver removed and a pause in retina.yaml, a user group left and an account deactivated in Slack, the session ended in the chat.
  --times N   how often each (5)
  --only TEXT only those with this text in their names; prints only
  --write     write the figures into docs/reliability.md`

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
if (values.only !== '' && values.write) {
  console.error('--write replaces what all of them gave; leave --only out.')
  process.exit(2)
}
const cleanup = await openCleanup()
useTemporaryFolder(cleanup)
const folder = join(import.meta.dirname, '../../.bench/terminal-kills')
mkdirSync(folder, { recursive: true })
/** All of it is granted by a user group of Slack. */
const policy = `
groups: { leads: [bob@example.com] }
capabilitySets:
  plain-shell: { terminal: shell }
  approved-shell: { terminal: shell, approval: { from: [group:leads] } }
  probe: { tools: [ping] }
grants:
  - { to: ['slack:usergroup/S0ONCALL'], sets: [plain-shell, approved-shell], on: [{ nodes: '*' }] }
`
const environment = await openKillsEnvironment(folder, { policy })
const random = seededRandom(Number(values.seed))
const { slack, files, people } = environment
slack.state.usergroups.set('S0ONCALL', ['U0ALICE'])
/** Milliseconds for which the processes keep what they know of an account. */
const keptMs = 70_000
const alice = slack.state.users.get('U0ALICE')
type Restore = () => Promise<void> | void

/** What takes the right away, and how the shell is asked for, where a plain one won't do. */
type Revocation = { revoke: (page: Page) => Promise<Restore>; link?: () => Promise<string> }

const revocations: Readonly<Record<string, Revocation>> = {
  'grant removed from `retina.yaml`': {
    revoke: async () =>
      changeConfiguration(files, (text) => text.replace('sets: [plain-shell, approved-shell]', 'sets: [probe]')),
  },
  'who approved it is removed from the approvers in `retina.yaml`': {
    link: approvedLink,
    revoke: async () =>
      changeConfiguration(files, (text) => text.replace('leads: [bob@example.com]', 'leads: [carol@example.com]')),
  },
  'all runs paused (`paused:`)': {
    revoke: async () => changeConfiguration(files, (text) => `${text}\npaused: maintenance\n`),
  },
  'user group left in Slack': {
    revoke: async () => {
      slack.state.usergroups.set('S0ONCALL', [])
      return async () => {
        slack.state.usergroups.set('S0ONCALL', ['U0ALICE'])
        await delay(keptMs)
      }
    },
  },
  'account deactivated in Slack': {
    revoke: async () => {
      if (alice !== undefined) alice.deleted = true
      return async () => {
        if (alice !== undefined) alice.deleted = false
        await delay(keptMs)
      }
    },
  },
  '`end ID` typed in the chat': {
    revoke: async (page) => {
      const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
      await environment.say(`end ${id}`)
      return () => undefined
    },
  },
}

const rows: string[] = []
for (const [what, revocation] of Object.entries(revocations).filter(([name]) => name.includes(values.only))) {
  const times: number[] = []
  for (let at = 0; at < Number(values.times); at += 1) times.push(await measureOnce(revocation))
  const sorted = times.toSorted((one, other) => one - other)
  const seconds = (ms = 0) => `${(ms / 1_000).toFixed(1)} s`
  rows.push(
    `| ${what} | ${times.length} | ${seconds(sorted[Math.floor(sorted.length / 2)])} | ${seconds(sorted.at(-1))} |`,
  )
  process.stderr.write(`${rows.at(-1)}\n`)
}
await environment.close()
const text = ['| what | times | page closed after: p50 | largest |', '|---|---|---|---|', ...rows].join('\n')
console.log(text)
if (values.write) writeFigures('terminal-revocations', text, 'terminal-revocations')
await cleanup.close()
process.exit(0)

/** Opens a shell, takes the right away at a random moment, and resolves with the milliseconds until the page says that the session has ended. */
async function measureOnce({ revoke, link = () => environment.link() }: Revocation): Promise<number> {
  const page = await environment.browser.newPage()
  await noteWhatIsShown(page)
  await page.goto(await link())
  await page.getByRole('button', { name: 'Open the shell' }).click()
  await waitUntil('the counter prints', async () => (await handedUpTo(page)) > 100)
  // Any moment between two checks.
  await delay(random.between(1_000, 20_000))
  const since = performance.now()
  const restore = await revoke(page)
  await page.getByText('This session has ended:').waitFor({ timeout: 180_000 })
  const took = performance.now() - since
  await restore()
  await page.close()
  return took
}

/** Asks for a shell that needs approval, has Bob approve it, and resolves with its link. */
async function approvedLink(): Promise<string> {
  const before = slack.state.messages.length
  const link = environment.link('shell --set approved-shell node001')
  const find = () => slack.state.messages.slice(before).find((message) => /Needs approval/.test(shown(message)))
  await people.press('U0BOB', 'approve', await waitFor('the request for approval came', find))
  return link
}

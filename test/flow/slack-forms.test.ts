import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { fakeCluster, type Tools } from '#test/fakes/cluster'
import { buttonsOf, inChannels, shown } from '#test/fakes/slack/shown'
import type { SlackMessage, SlackView } from '#test/fakes/slack/state'
import { type App, openApp, replyOf } from './app.ts'
import { policyText } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const lines = Array.from({ length: 600 }, (_each, at) => `line ${at + 1} ${at % 100 === 7 ? 'ERROR' : 'fine'}\n`).join(
  '',
)
const tools: Tools = {
  dig: () => [{ out: ';; ANSWER SECTION:\n' }],
  curl: () => [{ out: lines }],
  dd: () => [{ out: 'written\n' }],
}

async function open(policy = policyText) {
  const cluster = fakeCluster('dev', tools)
  const flow = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy })
  return { ...flow, cluster }
}

async function formOf({ slack }: App, count = 1): Promise<SlackView> {
  await waitUntil('the form is open', () => slack.state.views.length === count)
  const view = slack.state.views.at(-1)
  if (view === undefined) throw new Error('no form')
  return view
}

/** Returns a form's content as people read it. */
function read(view: Record<string, unknown> | undefined): string {
  return shown({ blocks: (view?.['blocks'] ?? []) as SlackMessage['blocks'], text: '' })
}

const choice = (value: string) => ({ selected_option: { value } })

test('`/retina` alone opens a form, whose menus list targets of the cluster and tools that the person may use', async () => {
  const flow = await open()
  const { people, slack, shows } = flow
  expect(await people.command('U0ALICE', '')).toEqual({ status: 200, body: '' })
  const form = await formOf(flow)
  expect(await people.suggest('U0ALICE', form, 'target', 'NODE00')).toEqual([
    { text: 'node001 (Ready)', value: 'node/node001' },
    { text: 'node002 (Ready)', value: 'node/node002' },
  ])
  expect(await people.suggest('U0ALICE', form, 'target', 'shop/we')).toEqual([
    { text: 'shop/web-1 (Running)', value: '-n shop pod/web-1' },
  ])
  expect((await people.suggest('U0ALICE', form, 'tool', 'dns')).map(({ value }) => value)).toContain('dig')
  expect((await people.suggest('U0ALICE', form, 'tool', 'iptables')).map(({ value }) => value)).toEqual([])
  expect(await people.suggest('U0CAROL', form, 'target', '')).toEqual([])
  const filled = {
    target: choice('-n shop pod/web-1'),
    tool: choice('dig'),
    words: { value: 'example.org "a & b"' },
    reason: { value: 'it\'s "slow" `now`' },
  }
  expect(await people.submit('U0ALICE', form, filled)).toEqual({ status: 200, body: '' })
  const message = await shows(/exit code 0/)
  expect(shown(message)).toContain("dig example.org 'a & b' on -n shop pod/web-1")
  expect(message.channel).toBe('C0INCIDENT')
  expect(inChannels(slack.state.messages)).toHaveLength(1)
})

test('the form shows what a command will need, and runs nothing', async () => {
  const flow = await open()
  const { people, cluster } = flow
  await people.command('U0BOB', '')
  const form = await formOf(flow)
  await people.pressInForm('U0BOB', form, 'check', {})
  await waitUntil('the form asks for more', () => read(form.view).includes('Choose a node or pod, and a tool'))
  const filled = { target: choice('node/node001'), tool: choice('iptables'), words: { value: '-nvL' } }
  await people.pressInForm('U0BOB', form, 'check', filled)
  await waitUntil('the form shows the capability', () => /NET_ADMIN/.test(read(form.view)))
  expect(read(form.view)).toContain('netfilter')
  expect(cluster.launched).toEqual([])
})

test('a form is authorized like any command: without the rights it is refused, and only the person sees that', async () => {
  const flow = await open()
  const { people, cluster, shows } = flow
  await people.command('U0ALICE', '')
  const form = await formOf(flow)
  const host = { selected_options: [{ value: '--mount-host-filesystem' }, { value: '; rm -rf /' }] }
  await people.submit('U0ALICE', form, { target: choice('node/node001'), tool: choice('dig'), host })
  const refused = await shows(/I could not do that/)
  expect(refused.only).toBe('U0ALICE')
  expect(shown(refused)).not.toContain('rm -rf')
  expect(cluster.launched).toEqual([])
})

test('a form that was opened from a message replies in that message’s thread', async () => {
  const flow = await open()
  const { people, slack, shows } = flow
  await people.command('U0ALICE', 'shell node001 dig example.com')
  const first = await shows(/exit code 0/)
  await people.shortcut('U0BOB', first)
  const form = await formOf(flow)
  await people.submit('U0BOB', form, { target: choice('node/node002'), tool: choice('dig'), words: { value: 'x.org' } })
  await shows(/exit code 0.*x\.org on node\/node002/)
  expect(slack.state.messages.at(-1)?.thread_ts).toBe(first.ts)
})

test('in a run’s thread a command without a target uses the run’s target, for every person, with their own rights', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell -n shop pod/web-1 dig example.com')
  const first = await shows(/exit code 0/)
  await people.event(people.mentionBody('U0BOB', 'dig +short "a & b"', { thread_ts: first.ts }))
  await shows(/exit code 0.*'a & b' on -n shop pod\/web-1/)
  expect(first.replies).toHaveLength(2)
  expect(cluster.launched).toHaveLength(2)
  await people.event(people.mentionBody('U0CAROL', 'dig example.com', { thread_ts: first.ts }))
  expect(await replyOf(first, /I could not do that/)).toMatchObject({ only: 'U0CAROL' })
  await people.event(people.mentionBody('U0ALICE', 'dig example.com', { thread_ts: '1700000000.000100' }))
  await shows(/Say on which node or pod dig should run/)
  expect(cluster.launched).toHaveLength(2)
})

test('the thread of an approved run has a target too; the thread of a fan-out has none', async () => {
  const grants = "grants:\n  - { to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }"
  const { people, shows } = await open(policyText.replace('grants:', grants))
  await people.command('U0ALICE', 'shell -w node001 dd if=/dev/zero of=/host/x')
  const card = await shows(/Needs approval/)
  await people.press('U0BOB', 'approve', card)
  await shows(/exit code 0/)
  await people.event(people.mentionBody('U0ALICE', 'dig one.example', { thread_ts: card.ts }))
  await shows(/exit code 0.*one\.example on node\/node001/)
  await people.command('U0ALICE', 'shell -l pool=web dig two.example')
  const all = await shows(/Done on 1/)
  await people.event(people.mentionBody('U0ALICE', 'dig three.example', { thread_ts: all.ts }))
  await shows(/Say on which node or pod dig should run/)
})

test('further pages of an output, and lines of it, are shown without running again', async () => {
  const flow = await open()
  const { people, shows, slack, cluster } = flow
  await people.command('U0ALICE', 'shell node001 curl http://10.0.0.1/')
  const message = await shows(/exit code 0/)
  await people.press('U0BOB', 'output', message)
  const page = await replyOf(message, /Output of .*page 1 of/)
  expect(shown(page)).toContain('line 1 fine')
  await people.press('U0BOB', 'output', page)
  const second = await replyOf(message, /page 2 of/)
  const begun = /line (\d+) (?:fine|ERROR)/.exec(shown(second))?.[1]
  const left = [...shown(page).matchAll(/line (\d+) /g)].at(-1)?.[1]
  expect(Number(begun)).toBe(Number(left) + 1)
  await people.press('U0BOB', 'filter', message)
  const form = await formOf(flow)
  await people.submit('U0BOB', form, { words: { value: 'error' } })
  const found = await replyOf(message, /6 of 600 lines contain "error"/)
  expect(shown(found)).toContain('line 8 ERROR')
  expect(cluster.launched).toHaveLength(1)
  await people.command('U0BOB', `output ${Object.values(buttonsOf(message))[0]} --grep line`, 'C0OTHER')
  expect(shown(await shows(/You have no run/))).not.toContain('line 1')
  expect(slack.state.messages.filter(({ text }) => text.includes('You have no run'))).toHaveLength(1)
})

test('editing before running again: the form starts with the command as people type it', async () => {
  const flow = await open()
  const { people, shows } = flow
  await people.command('U0ALICE', 'shell node001 dig "a & b"')
  await people.press('U0ALICE', 'rerun-with', await shows(/exit code 0/))
  const form = await formOf(flow)
  const [input] = form.view['blocks'] as { element: { initial_value: string } }[]
  expect(input?.element.initial_value).toBe("shell node001 dig 'a & b'")
  await people.submit('U0ALICE', form, { command: { value: "shell node002 dig 'c & d'" } })
  await shows(/exit code 0.*dig 'c & d' on node\/node002/)
})

test('the home page shows requests that a person can decide, their runs, and their rights', async () => {
  const { people, slack, shows } = await open()
  await people.command('U0BOB', 'shell --reason full node001 -m -w dd if=/dev/zero of=/host/x')
  await shows(/Needs approval/)
  // The request's message appears before the store has it as pending, so the page is reopened until it lists it.
  await waitUntil('the pending request is on the page', async () => {
    await people.event(people.homeBody('U0BOB'))
    return /others\s+"U0BOB" \(bob@example\.com\).*dd if/.test(read(slack.state.homes.get('U0BOB')))
  })
  const page = read(slack.state.homes.get('U0BOB'))
  expect(page).toMatch(/others\s+"U0BOB" \(bob@example\.com\).*dd if/)
  expect(page).toContain('Your latest runs')
  expect(page).toContain('You are bob@example.com')
  await people.event(people.homeBody('U0GUEST'))
  await waitUntil('the home page is published', () => slack.state.homes.has('U0GUEST'))
  expect(read(slack.state.homes.get('U0GUEST'))).toMatch(/I could not do that.*guest/is)
})

test('a denial asks for a reason, and shows it', async () => {
  const flow = await open(
    policyText.replace('grants:', "grants:\n  - { to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }"),
  )
  const { people, shows, cluster } = flow
  await people.command('U0ALICE', 'shell -w node001 dd if=/dev/zero of=/host/x')
  await people.press('U0BOB', 'deny', await shows(/Needs approval/))
  await people.submit('U0BOB', await formOf(flow), { reason: { value: 'not "before" the backup & more' } })
  await shows(/Denied by: "U0BOB" \(.*: "not before the backup & more"/)
  expect(cluster.launched).toEqual([])
})

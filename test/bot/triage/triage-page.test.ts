import { expect, test } from '@jest/globals'
import type { AlertRecord } from '#core/alerts/alert-record'
import type { CheckOnPage, RunPage } from '#core/messages/run-page'
import { verified } from '#core/ports/store'
import { readOutcomes } from '#src/lifecycle/fan-out-outcomes'
import { sysctlWith } from '#test/fakes/sysctl'
import { openContexts, sampleChannel } from '#test/samples/contexts'
import { openRunPages } from '#test/samples/run-pages'

const policy = `
capabilitySets:
  probe: { tools: [ip, sysctl, api nodes], capabilities: [NET_ADMIN, SYS_CHROOT], host: { filesystem: read-only, pid: true } }
grants:
  - { to: [alice@example.com, bob@example.com], sets: [probe], on: [{ nodes: '*' }] }`

/** Opens contexts with pages, in which Alice's triage t1 of one node has ended. */
async function openTriage() {
  const tools = {
    ip: () => [
      { err: 'RTNETLINK answers: Network is unreachable\n' },
      { end: { reason: 'failed' as const, exitCode: 2 } },
    ],
    sysctl: sysctlWith({ 'net.ipv4.ip_forward': '1' }),
  }
  const all = openContexts({ policy, tools })
  const { grants, load, grant } = openRunPages(all)
  await all.say('alice', 'triage node001 node-network node-health', { id: 't1' })
  await all.work()
  const page = async (user: string): Promise<RunPage | { refused: string }> => load(await grant(user, 'link t1'))
  return { ...all, grants, page }
}

function checksOf(page: RunPage | { refused: string }): readonly CheckOnPage[] {
  if ('refused' in page) throw new Error(page.refused)
  return page.checks ?? []
}

test('the page of a triage has each check with its target, finding, commands and whole output; what is ill comes first', async () => {
  const { page } = await openTriage()
  const shown = await page('alice')
  const [first, ...others] = checksOf(shown)
  expect(first).toEqual({
    target: 'node/node001',
    playbook: 'node-network',
    check: 'route-default',
    title: 'the route to other networks',
    status: 'fail',
    said: 'No route leads out of the node: Network is unreachable',
    commands: [
      {
        command: 'ip route get 1.1.1.1',
        output: 'RTNETLINK answers: Network is unreachable\n',
        note: 'exit code 2',
      },
    ],
  })
  expect(others.find(({ check }) => check === 'ip-forward')).toMatchObject({
    status: 'ok',
    commands: [
      {
        command: "sysctl -a -r '^net\\.ipv(4\\.ip_forward|6\\.conf\\.all\\.forwarding)$'",
        output: 'net.ipv4.ip_forward = 1\n',
      },
    ],
  })
  // A check of the API server's objects has no command of its own.
  expect(others.find(({ check }) => check === 'node-conditions')).toMatchObject({ status: 'unknown', commands: [] })
  expect(shown).toMatchObject({
    words: { title: expect.stringContaining('No route leads out of the node') },
    output: expect.stringContaining('===== node/node001 · route-default · ip route get 1.1.1.1 · exit code 2'),
  })
})

test('people of its channel see the page, others do not; one that goes on has it too', async () => {
  const { page, say, grants } = await openTriage()
  expect(checksOf(await page('bob')).length).toBeGreaterThan(5)
  const elsewhere = { thread: { ...sampleChannel, channel: 'other' } }
  expect(await say('bob', 'link t1', elsewhere)).toMatchObject([{ kind: 'refused' }])
  await say('alice', 'triage node001 node-network', { id: 't2' })
  await say('alice', 'link t2', elsewhere)
  expect(grants.at(-1)).toMatchObject({ run: 't2' })
})

test('T44 an output that is not what was recorded is left out, and an alarm is raised', async () => {
  const { page, store, recorded } = await openTriage()
  const [[run = ''] = []] = await readOutcomes(store, 't1')
  store.changeOutput(run, 'sysctl: everything is fine\n')
  const shown = await page('alice')
  expect(
    checksOf(shown)
      .flatMap(({ commands }) => commands.map(({ output }) => output))
      .join(''),
  ).toBe('')
  expect(JSON.stringify(shown)).not.toContain('everything is fine')
  expect(recorded().some((line) => line.startsWith(`alarm ${run}`))).toBe(true)
})

test('the page of a triage says that its alert was resolved, as its message does', async () => {
  const { page, store } = await openTriage()
  const fanOut = verified(await store.getValue('fan-out', 't1'))
  if (fanOut?.triage === undefined) throw new Error('it is no triage')
  const alert = { id: 'a1', name: 'HighLoss' }
  await store.setValue('fan-out', 't1', { ...fanOut, triage: { ...fanOut.triage, alert } }, 100)
  const record = { alert: { startsAt: '2026-11-24T02:00:00.000Z' } } as AlertRecord
  await store.setValue('alert', 'a1', record, 100)
  const wordsOf = async () => JSON.stringify(((await page('alice')) as RunPage).words)
  expect(await wordsOf()).toContain('For the alert HighLoss')
  await store.setValue('alert-resolved', 'a1', { at: '2026-11-24T02:12:00.000Z' }, 100)
  expect(await wordsOf()).toContain('The alert HighLoss was resolved after 12 minutes')
})

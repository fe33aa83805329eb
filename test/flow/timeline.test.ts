import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { shown, shownAlone } from '#test/fakes/slack/shown'
import { openApp, replyOf } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const secret = 'a-secret-of-an-alertmanager-that-is-long'
const more = 'alerts: { senders: { prod: { from: alertmanager, channel: slack:channel/C0INCIDENT } } }'

async function open() {
  await redis.empty()
  const cluster = fakeCluster('dev', {
    dig: () => [{ out: 'an | answer <!channel> `x`\n' }],
    ip: () => [{ err: 'RTNETLINK answers: Network is unreachable\n' }, { end: { reason: 'failed', exitCode: 2 } }],
    systemctl: () => [{ out: 'restarted\n' }],
  })
  const env = { RETINA_ALERTS_SECRET_PROD: secret }
  return openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, more, env })
}

test('timeline says who ran what, where, with which finding, approvals and alerts, and attaches files', async () => {
  const { people, shows, slack, base } = await open()
  const alerts = [
    {
      ...{ status: 'firing', fingerprint: 'f1', startsAt: '2026-11-28T12:00:00Z', annotations: {} },
      labels: { alertname: 'NodeNetworkReceiveErrs', node: 'node001' },
    },
  ]
  const headers = { authorization: `Bearer ${secret}` }
  await fetch(`${base}/alerts/prod`, { method: 'POST', headers, body: JSON.stringify({ alerts }) })
  await shows(/Alert: NodeNetworkReceiveErrs/)
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Done, exit code 0/)
  await people.command('U0BOB', 'triage node001 node-network')
  const triage = await shows(/node-network on node\/node001/)
  await waitUntil('triage is done', () => !/parts done/.test(shownAlone(triage)))
  await people.command('U0BOB', 'shell node001 -w --reason "kubelet hangs" systemctl restart kubelet')
  await shows(/Needs approval/)
  await people.command('U0ALICE', 'timeline --since 2h', 'C0GENERAL')
  await people.command('U0ALICE', 'timeline')
  const timeline = await shows(/What happened in slack:channel\/C0INCIDENT/)
  const text = shownAlone(timeline)
  expect(text).toContain('alerts:prod: alert NodeNetworkReceiveErrs')
  expect(text).toContain('U0ALICE: dig example.com on node/node001')
  expect(text).toContain('U0BOB: triage node-network on node/node001')
  expect(text).toMatch(/asked for approval of/)
  expect(text).not.toContain('⚠')
  await waitUntil(
    'both files are attached',
    () => slack.state.files.filter(({ name }) => /^timeline/.test(name)).length === 2,
  )
  const file = (name: string) => slack.state.files.find((each) => each.name === name)?.content ?? ''
  expect(JSON.parse(file('timeline.json'))).toMatchObject({
    channel: 'slack:channel/C0INCIDENT',
    entries: expect.arrayContaining([expect.objectContaining({ kind: 'triage', who: 'U0BOB' })]),
    cut: false,
  })
  expect(file('timeline.md')).toContain('| time | who | what | outcome | id |')
})

test('in a thread, timeline has only what was done there', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  const root = await shows(/Done, exit code 0/)
  await people.command('U0ALICE', 'shell node002 dig example.org')
  await shows(/Done, exit code 0[\s\S]*example.org/)
  await people.event(people.mentionBody('U0ALICE', 'dig example.net', { thread_ts: root.ts }))
  await replyOf(root, /Done, exit code 0[\s\S]*example.net/)
  await people.event(people.mentionBody('U0ALICE', 'timeline', { thread_ts: root.ts }))
  const timeline = await replyOf(root, /What happened in this thread/)
  expect(shown(timeline)).toContain('dig example.com on node/node001')
  expect(shown(timeline)).toContain('dig example.net on node/node001')
  expect(shown(timeline)).not.toContain('example.org')
})

test('T06 who has no rights sees nothing of what others ran; another channel has its own timeline', async () => {
  const { people, shows, slack } = await open()
  slack.state.channels.set('C0OTHER', { member: true, archived: false })
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Done, exit code 0/)
  await people.command('U0CAROL', 'timeline')
  expect(shown(await shows(/I could not do that/))).not.toContain('example.com')
  await people.command('U0ALICE', 'timeline', 'C0OTHER')
  expect(shown(await shows(/What happened in slack:channel\/C0OTHER/))).toContain('Nothing was run.')
  await people.command('U0ALICE', 'timeline --since yesterday')
  await shows(/"yesterday" is no time; use 30m, 3h or 2d/)
})

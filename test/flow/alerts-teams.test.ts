import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { read, readThread } from '#test/fakes/teams/card'
import { incident } from '#test/fakes/teams/state'
import { atEnd } from './app.ts'
import { ids, openTeamsFlow } from './teams-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const secret = 'a-secret-of-an-alertmanager-that-is-long'

const policy = `
capabilitySets: { probe: { tools: [ping, dig, ip, ss, nstat, sysctl] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }] }]`

async function open(more = '') {
  await redis.empty()
  const cluster = fakeCluster('dev', {
    ip: () => [{ err: 'RTNETLINK answers: Network is unreachable\n' }, { end: { reason: 'failed', exitCode: 2 } }],
  })
  const env = { RETINA_ALERTS_SECRET_PROD: secret }
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, more, env }
  return { ...(await openTeamsFlow(options, atEnd)), cluster }
}

/** A message as the menu's invoke has it, with a card of another program. */
const payload = {
  id: '1764331200000',
  messageType: 'message',
  from: { application: { id: 'a1', displayName: 'Alertmanager' } },
  body: { contentType: 'html', content: '<attachment id="c1"></attachment><p>Receive errors&nbsp;&amp; drops</p>' },
  attachments: [
    {
      id: 'c1',
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: JSON.stringify({
        type: 'AdaptiveCard',
        body: [{ type: 'FactSet', facts: [{ title: 'node', value: 'node002' }] }],
      }),
    },
  ],
}

/** Returns the text of a dialog. Teams takes no plain message in answer to the first invoke of a message's menu. */
function dialogText(body: string): string {
  const { task } = JSON.parse(body) as { task: { type: string; value: { card: { content: unknown } } } }
  expect(task.type).toBe('continue')
  return read(task.value.card.content as Parameters<typeof read>[0]).trim()
}

test('"Triage this" in the menu of a message of Teams looks at what it names, as the person who chose it', async () => {
  const { inTeams, showsInTeams, cluster } = await open()
  const { status, body } = await inTeams.triageThis(ids.alice, payload)
  expect([status, dialogText(body)]).toEqual([200, 'On its way.'])
  const message = await showsInTeams(/node002: No route leads out of the node/)
  expect(read(message.card)).toContain('alice')
  expect(cluster.launched.map(({ spec }) => spec.target.name)).toEqual(['node002'])
})

test('an alert in a channel of Teams has a button, whose answer is in its thread', async () => {
  const more = `alerts: { senders: { prod: { from: grafana, channel: 'teams:channel/${incident}' } } }`
  const { base, inTeams, showsInTeams } = await open(more)
  // The bot posts to a channel once somebody of the tenant has written to it.
  await inTeams.say(ids.alice, 'whoami')
  const alerts = [
    {
      status: 'firing',
      labels: { alertname: 'High loss', node: 'node001', note: '<at>bob</at> {{DATE(2026-01-01T00:00:00Z)}}' },
      annotations: {},
      startsAt: '2026-11-28T12:00:00+02:00',
      fingerprint: 'f1',
    },
  ]
  const headers = { authorization: `Bearer ${secret}` }
  const answer = await fetch(`${base}/alerts/prod`, { method: 'POST', headers, body: JSON.stringify({ alerts }) })
  expect(answer.status).toBe(202)
  const alert = await showsInTeams(/Alert: High loss/)
  await inTeams.press(ids.alice, alert, 'triage-1')
  await waitUntil('triage answers in the thread', () => /No route leads out of the node/.test(readThread(alert)))
})

import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { fakeCluster, type Tools } from '#test/fakes/cluster'
import { inChannels, shown, shownAlone } from '#test/fakes/slack/shown'
import { type AppOptions, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const secret = 'a-secret-of-an-alertmanager-that-is-long'

const policy = `
capabilitySets:
  triage:
    tools: [ping, dig, ip, ss, nstat, conntrack, sysctl, chroot]
    capabilities: [NET_ADMIN, NET_RAW, SYS_CHROOT]
    host: { filesystem: read-only, pid: true }
grants:
  - { to: [alice@example.com], sets: [triage], on: [{ nodes: '*' }, { namespaces: [shop] }] }`

const settings = 'alerts: { senders: { prod: { from: alertmanager, channel: slack:channel/C0INCIDENT } } }'

/** Tools of a node without a default route. */
const noRoute: Tools = {
  ip: () => [{ err: 'RTNETLINK answers: Network is unreachable\n' }, { end: { reason: 'failed', exitCode: 2 } }],
}

async function open(change: Partial<AppOptions> = {}) {
  await redis.empty()
  const cluster = fakeCluster('dev', noRoute)
  const env = { RETINA_ALERTS_SECRET_PROD: secret }
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, more: settings, env }
  const app = await openApp({ ...options, ...change })
  const post = async (body: unknown, authorization = `Bearer ${secret}`, sender = 'prod') => {
    const headers = { 'content-type': 'application/json', authorization }
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return (await fetch(`${app.base}/alerts/${sender}`, { method: 'POST', headers, body: text })).status
  }
  return { ...app, cluster, post }
}

type Change = { status?: string; labels?: Record<string, string>; fingerprint?: string; startsAt?: string }

/** A notification as Alertmanager sends it. Source: prometheus.io, "Alertmanager configuration", webhook_config. */
const notification = (...changes: readonly Change[]) => ({
  version: '4',
  groupKey: '{}:{alertname="NodeNetworkReceiveErrs"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'retina',
  groupLabels: { alertname: 'NodeNetworkReceiveErrs' },
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager.example:9093',
  alerts: (changes.length === 0 ? [{}] : changes).map(
    ({ status = 'firing', labels = { node: 'node001' }, fingerprint = 'c6eadffa33fcdf37', startsAt }) => ({
      status,
      labels: { alertname: 'NodeNetworkReceiveErrs', severity: 'warning', ...labels },
      annotations: { summary: 'Network interface is reporting many receive errors.' },
      startsAt: startsAt ?? '2026-11-28T12:00:00.000Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example/graph',
      fingerprint,
    }),
  ),
})

test('an alert is shown with a button, and the person who presses it is the requester of a triage of its node', async () => {
  const { post, shows, people, cluster, slack } = await open()
  expect(await post(notification())).toBe(202)
  const alert = await shows(/Alert: NodeNetworkReceiveErrs/)
  expect(shownAlone(alert)).toContain('[Triage node001]')
  expect(cluster.launched).toEqual([])
  await people.press('U0ALICE', 'triage-1', alert)
  await waitUntil('triage answers in the thread', () => /No route leads out of the node/.test(shown(alert)))
  expect(shown(alert)).toContain('For the alert NodeNetworkReceiveErrs')
  // The playbook that proposes itself for this alert.
  expect(shown(alert)).toContain('node-network on node/node001')
  expect(shown(alert)).toContain(' · U0ALICE · ')
  expect(cluster.launched).toHaveLength(1)
  expect(inChannels(slack.state.messages)).toHaveLength(1)
})

test('T06 who may not look at the node learns nothing by the button', async () => {
  const { post, shows, people, cluster } = await open()
  await post(notification())
  const alert = await shows(/Alert: NodeNetworkReceiveErrs/)
  await people.press('U0CAROL', 'triage-1', alert)
  await waitUntil('Carol is refused', () => /You have no access to node\/node001/.test(shown(alert)))
  expect(cluster.launched).toEqual([])
})

test('T52 an unknown sender, a wrong secret, another form, and too much are refused; nothing of them is logged', async () => {
  const { post, slack, logs } = await open()
  const marker = 'a-word-of-the-body'
  const body = notification({ labels: { node: 'node001', note: marker } })
  expect(await post(body, '')).toBe(401)
  expect(await post(body, 'Bearer another-secret-of-the-same-length-as-it')).toBe(401)
  expect(await post(body, `Bearer ${secret}`, 'staging')).toBe(401)
  expect(await post(body, `Bearer ${secret}`, '__proto__')).toBe(401)
  expect(await post({ hello: marker })).toBe(400)
  expect(await post('{')).toBe(400)
  expect(await post(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBe(400)
  expect(await post(notification({ labels: { node: 'x'.repeat(1_048_576) } }))).toBe(413)
  expect(slack.state.messages).toEqual([])
  expect(logs.some((line) => line.includes(marker))).toBe(false)
})

test('T52 hostile labels are shown letter by letter, and are no names', async () => {
  const { post, shows, people, cluster } = await open()
  const labels = {
    node: '../../etc/passwd',
    pod: 'node001 --privileged; rm -rf /',
    namespace: 'shop,app=web',
    instance: '<!channel>:9100',
    note: '<@U0BOB> *bold* <https://evil.example|click> @everyone \u202e {{DATE(1)}}',
    password: 'hunter2hunter2',
  }
  expect(await post(notification({ labels }))).toBe(202)
  const alert = await shows(/Alert: NodeNetworkReceiveErrs/)
  expect(shown(alert)).not.toMatch(/⚠/)
  expect(shown(alert)).toContain('<@U0BOB> *bold* <https://evil.example|click> @everyone')
  expect(shown(alert)).not.toContain('\u202e')
  // The only word of it that is the name of an object; the text around that is left.
  expect(shownAlone(alert)).toContain('[Triage node001]')
  await people.press('U0ALICE', 'triage-1', alert)
  await waitUntil('it runs', () => cluster.launched.length === 1)
  expect(shown(alert)).not.toContain('hunter2')
  expect(cluster.launched[0]?.spec.target).toEqual({ kind: 'node', cluster: 'dev', name: 'node001' })
  expect(cluster.launched[0]?.spec.pipeline.flat().join(' ')).not.toMatch(/privileged|passwd|rm -rf/)
})

test('T52 the same alert 500 times is one message; too many different ones are counted in one more', async () => {
  const { post, shows, slack } = await open()
  const answers = await Promise.all(Array.from({ length: 500 }, () => post(notification())))
  expect(new Set(answers)).toEqual(new Set([202]))
  await shows(/Alert: NodeNetworkReceiveErrs/)
  const others = Array.from({ length: 40 }, (_none, at) => ({ fingerprint: `other${at}` }))
  slack.state.unhurried = true
  expect(await post(notification(...others))).toBe(202)
  await shows(/More than 30 alerts came from prod in a minute/)
  await waitUntil('the others are shown', () => slack.state.messages.length === 31)
})

test('an alert that names several objects asks; pods are known by their namespace', async () => {
  const { post, shows } = await open()
  const labels = { node: 'node001', instance: 'node002:9100', namespace: 'shop', pod: 'web-1' }
  await post({ ...notification(), alerts: [{ ...notification({ labels }).alerts[0], labels }] })
  const alert = await shows(/Alert: without a name/)
  expect(shown(alert)).toContain('[Triage node001] [Triage node002] [Triage shop/web-1]')
  expect(shown(alert)).toContain('Which of these is meant?')
})

test('the label of a Service counts where nothing else is named; its playbook looks at its way', async () => {
  const { post, shows, cluster } = await open()
  cluster.services.set('shop/web', { selector: { app: 'web' } })
  const [given] = notification().alerts
  const labels = { alertname: 'KubeServiceDown', namespace: 'shop', service: 'web' }
  await post({
    alerts: [
      { ...given, labels },
      { ...given, fingerprint: 'f2', labels: { ...labels, node: 'node001', alertname: 'Other' } },
    ],
  })
  expect(shown(await shows(/Alert: KubeServiceDown/))).toContain('[Triage shop/svc/web]')
  expect(shown(await shows(/Alert: Other/))).toContain('[Triage node001]')
})

test('an alert without such labels is matched by the words of its sentences', async () => {
  const { post, shows } = await open()
  const [given] = notification().alerts
  const annotations = { description: 'Errors on NODE002 (eth0), and on pod shop/web-1.' }
  await post({ alerts: [{ ...given, labels: { alertname: 'Odd' }, annotations }] })
  expect(shown(await shows(/Alert: Odd/))).toContain('[Triage node002] [Triage shop/web-1]')
})

test('a resolved alert is noted in its message and in that of its triage; the next one says what was found then', async () => {
  const { post, shows, people } = await open()
  await post(notification())
  const alert = await shows(/Alert: NodeNetworkReceiveErrs/)
  await people.press('U0ALICE', 'triage-1', alert)
  await waitUntil('triage is done', () => {
    const text = shown(alert)
    return /No route leads out of the node/.test(text) && !/parts done/.test(text)
  })
  await post(notification({ status: 'resolved' }))
  await waitUntil('the alert is resolved', () => /Resolved after/.test(shownAlone(alert)))
  await waitUntil('the triage says so', () => /The alert NodeNetworkReceiveErrs was resolved after/.test(shown(alert)))
  expect(await post(notification({ startsAt: '2026-11-29T12:00:00.000Z' }))).toBe(202)
  const again = await shows(/Alert: NodeNetworkReceiveErrs/)
  expect(shown(again)).toMatch(/As .* ago: node\/node001: No route leads out of the node/)
})

test('an alert is stored before it is acknowledged: without Redis the sender is told to send it again', async () => {
  const { post, shows, logs } = await open()
  await redis.stop()
  await waitUntil('Redis is missed', () => logs.some((line) => line.includes('Redis is unreachable')))
  expect(await post(notification())).toBe(503)
  await redis.restart()
  await waitUntil('it is stored', async () => (await post(notification())) === 202)
  await shows(/Alert: NodeNetworkReceiveErrs/)
})

/** A message of Alertmanager's own receiver for Slack, as its shortcut's payload has it. */
const slackMessage = (channel: string) => ({
  channel,
  ts: '1764331200.000100',
  subtype: 'bot_message',
  bot_id: 'B0ALERTS',
  app_id: 'A0ALERTS',
  text: '',
  attachments: [
    {
      fallback: '[FIRING:1] NodeNetworkReceiveErrs | <http://alertmanager.example/#/alerts>',
      title: '[FIRING:1] NodeNetworkReceiveErrs',
      fields: [{ title: 'Node', value: '`node002` &amp; eth0', short: true }],
    },
  ],
})

test('"Triage this" in the menu of a message looks at what it names, as the person who chose it', async () => {
  const { people, shows, cluster } = await open()
  await people.triageThis('U0ALICE', slackMessage('C0INCIDENT'))
  await shows(/node002: No route leads out of the node/)
  expect(cluster.launched.map(({ spec }) => spec.target)).toEqual([{ kind: 'node', cluster: 'dev', name: 'node002' }])
})

test('T06 "Triage this" tells who has no access nothing about what the message names', async () => {
  const { people, shows, cluster } = await open()
  await people.triageThis('U0CAROL', slackMessage('C0INCIDENT'))
  expect(shown(await shows(/I could not do that/))).toContain('names no node or pod that you have access to')
  expect(cluster.launched).toEqual([])
})

test('"Triage this" where the bot is no member is answered by the address of the shortcut and in direct messages', async () => {
  const { people, slack, cluster } = await open()
  slack.state.channels.set('C0ELSEWHERE', { member: false, archived: false })
  await people.triageThis('U0ALICE', slackMessage('C0ELSEWHERE'))
  await waitUntil('the address says where', () => slack.state.ephemeral.some((text) => /direct messages/.test(text)))
  const isAnswered = () =>
    slack.state.messages.some((each) => each.channel === 'D0ALICE' && /No route leads out/.test(shown(each)))
  await waitUntil('the answer is there', isAnswered)
  expect(cluster.launched).toHaveLength(1)
})

test('in channels that the file lists, messages of other programs are alerts; in others, they are not read', async () => {
  const { people, shows, slack } = await open({ more: 'alerts: { listen: [slack:channel/C0INCIDENT] }' })
  const event = (channel: string, change: object = {}) =>
    people.event({
      ...people.mentionBody('U0ALICE', ''),
      event: { type: 'message', channel_type: 'channel', ...slackMessage(channel), ...change },
    })
  await event('C0GENERAL')
  await event('C0INCIDENT', { ts: '1764331200.000200', attachments: [{ fallback: 'nothing that is known' }] })
  await event('C0INCIDENT', { ts: '1764331200.000300', app_id: 'A1' })
  await event('C0INCIDENT')
  await event('C0INCIDENT')
  const alert = await shows(/Alert: \[FIRING:1\] NodeNetworkReceiveErrs/)
  expect(shown(alert)).toContain('[Triage node002]')
  expect(alert.thread_ts).toBe('1764331200.000100')
  expect(slack.state.messages).toHaveLength(1)
})

const auto = `alerts: { senders: { prod: { from: alertmanager, channel: slack:channel/C0INCIDENT, auto: true, autoPerHour: 1 } } }`
const autoPolicy = policy.replace('to: [alice@example.com]', 'to: [alice@example.com, service:prod]')

test('with auto, an alert starts triage by itself as its service principal, announced, and only so often', async () => {
  const { post, shows, cluster } = await open({ more: auto, policy: autoPolicy })
  await post(notification())
  const alert = await shows(/Alert: NodeNetworkReceiveErrs/)
  await waitUntil('triage answers', () => /No route leads out of the node/.test(shown(alert)))
  expect(shown(alert)).toContain('Triage began by itself, as service:prod')
  expect(shown(alert)).toContain('alerts of prod')
  expect(cluster.launched).toHaveLength(1)
  await post(notification({ fingerprint: 'another', labels: { node: 'node002' } }))
  const second = await waitForOther(shows)
  expect(shown(second)).not.toContain('by itself')
  expect(cluster.launched).toHaveLength(1)
})

const waitForOther = (shows: (pattern: RegExp) => Promise<Parameters<typeof shown>[0]>) => shows(/Triage node002/)

test('T06 a chat account that calls itself a service principal is none', async () => {
  const { slack, people, shows, cluster } = await open({
    more: auto,
    policy: policy.replace('alice@example.com', 'service:prod'),
  })
  const alice = slack.state.users.get('U0ALICE')
  if (alice !== undefined) slack.state.users.set('service:prod', { ...alice, id: 'service:prod', name: 'service:prod' })
  await people.command('service:prod', 'triage node001')
  await shows(/You have no access to node\/node001/)
  expect(cluster.launched).toEqual([])
})

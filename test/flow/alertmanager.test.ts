import { expect, test } from '@jest/globals'
import { startAlertmanager } from '#test/environment/alertmanager'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { inChannels, shownAlone } from '#test/fakes/slack/shown'
import { atEnd, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const secret = 'a-secret-of-an-alertmanager-that-is-long'
const more = 'alerts: { senders: { prod: { from: alertmanager, channel: slack:channel/C0INCIDENT } } }'

test("Debian's Alertmanager sends an alert, its repetition and its end", async () => {
  const openCluster = () => fakeCluster('dev', {})
  const env = { RETINA_ALERTS_SECRET_PROD: secret }
  const app = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster, more, env })
  const alertmanager = await startAlertmanager({ url: `${app.base}/alerts/prod`, secret })
  atEnd(alertmanager.stop)
  const labels = { alertname: 'NodeNetworkReceiveErrs', instance: 'node002:9100', severity: 'critical' }
  await alertmanager.fire([{ labels }])
  const alert = await app.shows(/Alert: NodeNetworkReceiveErrs/)
  expect(shownAlone(alert)).toContain('Seen by a real Alertmanager.')
  expect(shownAlone(alert)).toContain('[Triage node002]')
  // Another alert of the group makes Alertmanager send both.
  await alertmanager.fire([{ labels }, { labels: { ...labels, instance: 'node001:9100' } }])
  await waitUntil('the other one is shown', () => inChannels(app.slack.state.messages).length === 2)
  await alertmanager.fire([{ labels, endsAt: '2026-11-28T12:10:00.000Z' }])
  await waitUntil('it is resolved', () => /Resolved after/.test(shownAlone(alert)))
  expect(inChannels(app.slack.state.messages)).toHaveLength(2)
})

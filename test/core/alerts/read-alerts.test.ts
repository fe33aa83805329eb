import { expect, test } from '@jest/globals'
import { eventTime, readAlerts, readIncidentAlerts } from '#core/alerts/read-alerts'

/** Source: grafana.com/docs, "Configure the webhook notifier for Alerting", example JSON body. */
const grafana = {
  receiver: 'My Super Webhook',
  status: 'firing',
  orgId: 1,
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'High memory usage', team: 'blue', zone: 'us-1' },
      annotations: {
        description: 'The system has high memory usage',
        runbook_url: 'https://myrunbook.com/runbook/1234',
        summary: 'This alert was triggered for zone us-1',
      },
      startsAt: '2021-10-12T09:51:03.157076+02:00',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'https://play.grafana.org/alerting/1afz29v7z/edit',
      fingerprint: 'c6eadffa33fcdf37',
      values: { B: 44.23943737541908, C: 1 },
    },
  ],
  version: '1',
  groupKey: '{}:{}',
  truncatedAlerts: 2,
}

test('reads what Grafana documents, with the number of alerts that it left out', () => {
  expect(readAlerts('grafana', 'graf', grafana)).toEqual({
    alerts: [
      {
        sender: 'graf',
        fingerprint: 'c6eadffa33fcdf37',
        status: 'firing',
        name: 'High memory usage',
        labels: { alertname: 'High memory usage', team: 'blue', zone: 'us-1' },
        texts: ['This alert was triggered for zone us-1', 'The system has high memory usage'],
        startsAt: '2021-10-12T07:51:03.157Z',
      },
    ],
    leftOut: 2,
  })
})

/** Source: developer.pagerduty.com, "Webhooks", example of an event. */
const pagerDuty = (type: string) => ({
  event: {
    id: '01BXXXXXXX',
    event_type: type,
    resource_type: 'incident',
    occurred_at: '2020-10-02T18:45:22.169Z',
    agent: { html_url: 'https://acme.pagerduty.com/users/PLH1HKV', id: 'PLH1HKV', type: 'user_reference' },
    client: { name: 'PagerDuty' },
    data: {
      id: 'PGR0VU2',
      type: 'incident',
      self: 'https://api.pagerduty.com/incidents/PGR0VU2',
      html_url: 'https://acme.pagerduty.com/incidents/PGR0VU2',
      number: 2,
      status: 'triggered',
      incident_key: 'd3640fbd41094207a1c11e58e46b1662',
      created_at: '2020-04-09T15:16:27Z',
      title: 'node001 drops packets',
      service: { id: 'PF9KMXH', summary: 'API Service', type: 'service_reference' },
      urgency: 'high',
    },
  },
})

test('reads what PagerDuty documents: an incident that fires, or is resolved; others are no alerts', () => {
  const labels = { 'pagerduty service': 'API Service', urgency: 'high', incident: pagerDuty('').event.data.html_url }
  const alert = { sender: 'pd', fingerprint: 'PGR0VU2', name: 'node001 drops packets', labels, texts: [] }
  const startsAt = '2020-04-09T15:16:27.000Z'
  expect(readAlerts('pagerduty', 'pd', pagerDuty('incident.triggered'))).toEqual({
    alerts: [{ ...alert, status: 'firing', startsAt }],
    leftOut: 0,
  })
  expect(readAlerts('pagerduty', 'pd', pagerDuty('incident.resolved'))).toMatchObject({
    alerts: [{ status: 'resolved', startsAt }],
  })
  expect(readAlerts('pagerduty', 'pd', pagerDuty('incident.acknowledged'))).toEqual({ alerts: [], leftOut: 0 })
  expect(readAlerts('pagerduty', 'pd', pagerDuty('constructor'))).toEqual({ alerts: [], leftOut: 0 })
  expect(eventTime('pagerduty', pagerDuty('incident.triggered'))).toBe(Date.parse('2020-10-02T18:45:22.169Z'))
  expect(eventTime('grafana', grafana)).toBeUndefined()
})

test('reads labels from the details of an incident’s alerts', () => {
  const answer = { alerts: [{ body: { details: { node: 'node001', load: 3 } } }, { body: null }, 'x'] }
  expect(readIncidentAlerts(answer)).toEqual({ node: 'node001' })
})

const [given] = grafana.alerts
test.each([
  ['null', null],
  ['a list', []],
  ['no alerts', { alerts: 'x' }],
  ['an alert that is null', { alerts: [null] }],
  ['no fingerprint', { alerts: [{ ...given, fingerprint: '' }] }],
  ['another status', { alerts: [{ ...given, status: 'odd' }] }],
  ['no time', { alerts: [{ ...given, startsAt: 'yesterday' }] }],
  ['a time out of range', { alerts: [{ ...given, startsAt: '9999-99-99T99:99:99Z' }] }],
])('refuses %s, without a word of it', (_name, body) => {
  expect(readAlerts('alertmanager', 'prod', body)).toEqual({
    mistake: expect.stringMatching(/^(an alert has|there is) no/),
  })
  expect(readAlerts('pagerduty', 'prod', body)).toHaveProperty('mistake')
})

test('T52 bounds the number of alerts, of labels, and of characters', () => {
  const labels = Object.fromEntries(Array.from({ length: 500 }, (_none, at) => [`label${at}`, 'x'.repeat(5_000)]))
  const alerts = Array.from({ length: 250 }, () => ({ ...given, labels, annotations: { summary: '🚀'.repeat(5_000) } }))
  const read = readAlerts('alertmanager', 'prod', { alerts })
  if ('mistake' in read) throw new Error(read.mistake)
  expect([read.alerts.length, read.leftOut]).toEqual([100, 150])
  const [first] = read.alerts
  expect(Object.keys(first?.labels ?? {})).toHaveLength(64)
  expect(Object.values(first?.labels ?? {})[0]).toHaveLength(300)
  expect(first?.texts[0]).toHaveLength(2_000)
  expect(first?.texts[0]?.isWellFormed()).toBe(true)
})

test('a label with the name of a method is a label', () => {
  const text = JSON.stringify({ alerts: [{ ...given, labels: 1 }] }).replace(
    '"labels":1',
    '"labels":{"__proto__":"a","constructor":"b"}',
  )
  const read = readAlerts('alertmanager', 'prod', JSON.parse(text))
  expect('alerts' in read && Object.entries(read.alerts[0]?.labels ?? {})).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
})

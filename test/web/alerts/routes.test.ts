import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Alert, AlertSender } from '#core/alerts/alert'
import { httpServer } from '#src/app/http'
import { mountAlerts } from '#src/web/alerts/routes'
import { silentLog } from '#test/samples/run'

const secret = 'a-secret-of-pagerduty-that-is-long-enough'
const sender = (from: AlertSender['from']): AlertSender => ({
  ...{ from, channel: 'slack:channel/C1', auto: false, perMinute: 30, autoPerHour: 10 },
})
const senders = { pd: sender('pagerduty'), prod: sender('alertmanager') }
const now = () => new Date('2026-11-28T12:00:00Z')

const http = httpServer({ log: silentLog, timing: { httpCloseMs: 0 } })
const counts = new Map<string, number>()
let accepted: Alert[] = []
let isStored = true
let at = ''
beforeAll(async () => {
  mountAlerts({
    ...{ mount: http.mount, log: silentLog, now },
    rules: () => ({ senders, listen: [] }),
    secrets: { pd: [secret, `${secret}-before`], prod: [secret] },
    async count(key) {
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return counts.get(key) ?? 0
    },
    countAlert: () => undefined,
    async accept(alert) {
      accepted.push(alert)
      return isStored
    },
  })
  at = `http://127.0.0.1:${await http.listen('127.0.0.1', 0)}`
})
afterAll(() => http.close())

const event = (occurredAt: string) =>
  JSON.stringify({
    event: {
      event_type: 'incident.triggered',
      occurred_at: occurredAt,
      data: { id: 'PGR0VU2', title: 'node001 is ill', created_at: occurredAt },
    },
  })
const sign = (body: string, key = secret) => `v1=${createHmac('sha256', key).update(body).digest('hex')}`
const post = async (name: string, body: string, headers: Record<string, string>) =>
  (await fetch(`${at}/alerts/${name}`, { method: 'POST', headers, body })).status

test('T52 a signature of PagerDuty covers the body; one of several signatures and of two secrets is enough', async () => {
  const body = event('2026-11-28T11:59:00Z')
  const signed = (signature: string) => post('pd', body, { 'x-pagerduty-signature': signature })
  expect(await signed(sign(body))).toBe(202)
  expect(await signed(`${sign(body, 'an-older-one')},${sign(body)}`)).toBe(202)
  expect(await signed(sign(body, `${secret}-before`))).toBe(202)
  expect(await signed(sign(`${body} `))).toBe(401)
  expect(await signed(sign(body).slice(0, -1))).toBe(401)
  expect(await signed('')).toBe(401)
  expect(await post('pd', body, { authorization: `Bearer ${secret}` })).toBe(401)
  expect(await post('prod', body, { 'x-pagerduty-signature': sign(body) })).toBe(401)
})

test('T52 a signed event that is older than what is remembered is refused', async () => {
  const body = event('2026-11-27T11:00:00Z')
  expect(await post('pd', body, { 'x-pagerduty-signature': sign(body) })).toBe(400)
})

const firing = JSON.stringify({
  alerts: [{ status: 'firing', fingerprint: 'f', labels: { a: '[{"]}' }, startsAt: '2026-11-28T12:00:00Z' }],
})
const bearer = { authorization: `Bearer ${secret}` }

test('202 only where all alerts are stored; brackets in texts count for nothing', async () => {
  accepted = []
  expect(await post('prod', firing, bearer)).toBe(202)
  expect(accepted).toHaveLength(1)
  isStored = false
  expect(await post('prod', firing, bearer)).toBe(503)
  isStored = true
})

test('T52 alerts with too many brackets in each other are refused, however little there is of them', async () => {
  const deep = (depth: number) =>
    firing.replace('"labels":', `"deep":${'['.repeat(depth)}${']'.repeat(depth)},"labels":`)
  expect(await post('prod', deep(10), bearer)).toBe(202)
  expect(await post('prod', deep(30), bearer)).toBe(400)
})

test('T52 a sender with too many requests waits; a wrong secret is not counted', async () => {
  counts.set('alert-requests:prod', 600)
  expect(await post('prod', firing, { authorization: 'Bearer wrong' })).toBe(401)
  expect(await post('prod', firing, bearer)).toBe(429)
  expect(counts.get('alert-requests:prod')).toBe(601)
})

test('nothing but POST is answered', async () => {
  expect((await fetch(`${at}/alerts/prod`)).status).toBe(405)
  expect((await fetch(`${at}/alerts`, { method: 'POST' })).status).toBe(404)
})

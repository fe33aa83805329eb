import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Alert } from '#core/alerts/alert'
import { createIncidentLabels } from '#src/app/pagerduty-incident-labels'
import type { Config } from '#src/config/load'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'
import { silentLog } from '#test/samples/run'

let answer = ''
const asked: string[] = []
const server = createServer((request, response) => {
  asked.push(`${request.url} ${request.headers.authorization}`)
  response.writeHead(answer === '' ? 500 : 200).end(answer)
})
let api = ''
beforeAll(async () => {
  api = `http://127.0.0.1:${await listenOnLoopback(server)}`
})
afterAll(() => closeServer(server))

const usual = { channel: 'slack:channel/C1', auto: false, perMinute: 30, autoPerHour: 10 }
const config = {
  alerts: { senders: { pd: { ...usual, from: 'pagerduty' }, prod: { ...usual, from: 'alertmanager' } }, listen: [] },
  secrets: { alerts: {}, alertTokens: { pd: 'a-token', prod: 'another' } },
} as unknown as Config

const alertOf = (sender: string): Alert => ({
  ...{ sender, fingerprint: 'PGR0VU2', status: 'firing', name: 'ill', labels: {}, texts: [] },
  startsAt: '2026-11-28T12:00:00.000Z',
})

test('the labels of an incident’s alerts are asked of PagerDuty with the token of its sender, and of nobody else', async () => {
  const labels = createIncidentLabels(config, silentLog, api)
  answer = JSON.stringify({ alerts: [{ body: { details: { node: 'node001' } } }] })
  expect(await labels(alertOf('pd'))).toEqual({ node: 'node001' })
  expect(asked).toEqual(['/incidents/PGR0VU2/alerts?limit=25 Token token=a-token'])
  expect(await labels(alertOf('prod'))).toEqual({})
  expect(await labels(alertOf('constructor'))).toEqual({})
  expect(asked).toHaveLength(1)
})

test('without an answer that can be read, an incident has its own labels only', async () => {
  const labels = createIncidentLabels(config, silentLog, api)
  for (const text of ['', 'no json', '[]', '{"alerts":1}']) {
    answer = text
    expect(await labels(alertOf('pd'))).toEqual({})
  }
})

import { expect, test } from '@jest/globals'
import { parseConfig } from '#src/config/load'
import { expectValid } from './expect-valid.ts'

const names = { tools: ['ping'], talking: [], printing: [], now: new Date('2026-11-28T12:00:00Z') }
const env = { RETINA_SHELL_IMAGE_REPO: 'shell', RETINA_SHELL_IMAGE_VERSION: 'v1' }
const sets = `capabilitySets:
  probe: { tools: [ping] }
  asked: { tools: [ping], approval: { from: [bob@example.com] } }
  change: { tools: [ping], effect: write }
  shells: { tools: ['*'], terminal: shell, effect: write }
`
const textOf = (alerts: string, grants = '') => `clusters: [{ name: dev }]
slack: { mode: http }
alerts: ${alerts}
${sets}${grants === '' ? '' : `grants: ${grants}`}
`
const parse = (alerts: string, grants?: string, more = {}) =>
  parseConfig(textOf(alerts, grants), { ...env, ...more }, names)
const mistakesOf = (alerts: string, grants?: string, more = {}) => {
  const loaded = parse(alerts, grants, more)
  return 'mistakes' in loaded ? loaded.mistakes.map(({ line, message }) => `${line}: ${message}`) : []
}

const sender = (more = '') => `{ senders: { prod: { from: alertmanager, channel: slack:channel/C1${more} } } }`

test('senders have their usual limits, and secrets from the environment alone', () => {
  const variable = { RETINA_ALERTS_SECRET_PROD: `${'a'.repeat(32)}, ${'b'.repeat(32)}` }
  const { config } = expectValid(parse(sender(), '', variable))
  const usual = { from: 'alertmanager', channel: 'slack:channel/C1', auto: false, perMinute: 30, autoPerHour: 10 }
  expect(config.alerts).toEqual({ senders: { prod: usual }, listen: [] })
  expect(config.secrets.alerts).toEqual({ prod: ['a'.repeat(32), 'b'.repeat(32)] })
  expect(mistakesOf(sender(), '', { RETINA_ALERTS_SECRET_PROD: 'short' })).toEqual([
    '3: each secret in RETINA_ALERTS_SECRET_PROD must have at least 32 characters',
  ])
  expect(mistakesOf(sender(', secret: x'))).toEqual([
    '3: "secret": secrets are read only from the environment, never from this file',
  ])
})

test('names, channels and clusters that do not exist are mistakes at their place', () => {
  expect(mistakesOf(sender(', cluster: dex'))[0]).toContain('there is no cluster "dex"')
  expect(mistakesOf('{ senders: { prod: { from: alertmanager, channel: teams:channel/19 } } }')[0]).toContain(
    '"teams" is not set up in this file',
  )
  expect(mistakesOf('{ senders: { prod: { from: nagios, channel: slack:channel/C1 } } }')).toHaveLength(1)
  expect(mistakesOf('{ senders: { "../prod": { from: grafana, channel: slack:channel/C1 } } }')).toHaveLength(1)
  expect(mistakesOf('{ listen: ["web:channel/general"] }')[0]).toContain('only channels of Slack can be read')
})

test.each([
  ['nothing is granted', '', 'nothing is granted to service:prod'],
  ['a set that changes', '[{ to: ["service:prod"], sets: [change], on: [{ nodes: "*" }] }]', 'may change its target'],
  ['a set with an approval', '[{ to: ["service:prod"], sets: [asked], on: [{ nodes: "*" }] }]', 'needs an approval'],
  ['a set that everybody has', '[{ to: ["*"], sets: [change], on: [{ nodes: "*" }] }]', 'may change its target'],
])('auto is refused: %s', (_name, grants, why) => {
  expect(mistakesOf(sender(', auto: true'), grants).join('\n')).toContain(why)
})

test('T52 auto is accepted with reading sets; a grant names a sender that exists', () => {
  const grants = '[{ to: ["service:prod"], sets: [probe], on: [{ nodes: "*" }] }]'
  expect(expectValid(parse(sender(', auto: true'), grants)).config.alerts.senders['prod']?.auto).toBe(true)
  expect(mistakesOf(sender(), grants.replace('service:prod', 'service:prop'))[0]).toContain(
    'there is no sender "prop" in "alerts"',
  )
})

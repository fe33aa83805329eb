import { expect, test } from '@jest/globals'
import { openAlerts } from '#src/app/alerts'
import type { Config } from '#src/config/load'
import { openWithInbox } from '#test/bot/inbox/open-with-inbox'
import { silentLog } from '#test/samples/run'

const senders = {
  'my-prod': { from: 'alertmanager', channel: 'slack:channel/C', auto: false, perMinute: 1, autoPerHour: 1 },
}

/** Opens the webhook with these secrets; returns the paths that it mounts. */
function pathsWith(secrets: object, given: object = senders): string[] {
  const paths: string[] = []
  const config = { alerts: { senders: given, listen: [] }, secrets: { alerts: secrets } } as unknown as Config
  const { bot, acceptCommand } = openWithInbox()
  openAlerts({ config, mount: (path) => void paths.push(path), log: silentLog }, bot, acceptCommand)
  return paths
}

test('a sender without a secret keeps the program from starting, with the name of its variable', () => {
  expect(() => pathsWith({})).toThrow('"my-prod" needs RETINA_ALERTS_SECRET_MY_PROD, which is not set')
  expect(pathsWith({ 'my-prod': ['a'] })).toEqual(['/alerts/'])
})

test('without senders there is no such path', () => {
  expect(pathsWith({}, {})).toEqual([])
})

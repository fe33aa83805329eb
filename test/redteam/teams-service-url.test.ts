import { createServer } from 'node:http'
import { expect, test } from '@jest/globals'
import { isServiceUrl, publicServiceHosts } from '#adapters/teams/service-url'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { forge } from '#test/environment/store'
import { fakeCluster } from '#test/fakes/cluster'
import { listenOnLoopback } from '#test/fakes/listen'
import { atEnd } from '#test/flow/app'
import { ids, openTeamsFlow } from '#test/flow/teams-app'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'

const redis = useRedis()

test.each([
  ['https://smba.trafficmanager.net/amer/', true],
  ['https://smba.infra.gcc.teams.microsoft.com/teams', true],
  ['https://SMBA.trafficmanager.net/emea/', true],
  ['http://smba.trafficmanager.net/amer/', false],
  ['https://smba.trafficmanager.net:8443/', false],
  ['https://smba.trafficmanager.net.evil.example/', false],
  ['https://evil.example/smba.trafficmanager.net', false],
  ['https://smba.trafficmanager.net@evil.example/', false],
  ['https://user:secret@smba.trafficmanager.net/', false],
  ['https://evil.example\\@smba.trafficmanager.net/', false],
  ['https://evil.example#@smba.trafficmanager.net/', false],
  ['https://evil.example?smba.trafficmanager.net', false],
  ['https://xsmba.trafficmanager.net/', false],
  ['https://smba.trafficmanager.net./', false],
  ['https://smba。trafficmanager。net.evil.example/', false],
  ['ftp://smba.trafficmanager.net/', false],
  ['javascript:https://smba.trafficmanager.net/', false],
  ['//smba.trafficmanager.net/', false],
  ['smba.trafficmanager.net', false],
  ['https://127.0.0.1/', false],
  ['http://localhost/', false],
  ['', false],
])('T50 the bot’s token is sent to %j: %j', (url, isAllowed) => {
  expect(isServiceUrl(url, publicServiceHosts)).toBe(isAllowed)
})

test('T50 HTTP is accepted on a loopback address alone, and only where the owner names it', () => {
  expect(isServiceUrl('http://127.0.0.1:3978/', ['127.0.0.1:3978'])).toBe(true)
  expect(isServiceUrl('http://127.0.0.1:3979/', ['127.0.0.1:3978'])).toBe(false)
  expect(isServiceUrl('http://192.0.2.1:3978/', ['192.0.2.1:3978'])).toBe(false)
})

async function open() {
  await redis.empty()
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] })
  const flow = await openTeamsFlow({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster }, atEnd)
  const received: string[] = []
  const thief = createServer((request, response) => {
    received.push(request.headers.authorization ?? request.url ?? '')
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"1"}')
  })
  const port = await listenOnLoopback(thief)
  atEnd(async () => void thief.close())
  const attacker = connectRedis(redis.url(), silentLog)
  atEnd(async () => attacker.disconnect())
  return { ...flow, cluster, received, attacker, elsewhere: `http://127.0.0.1:${port}/` }
}

test('T50 an address that was changed in Redis is never called, and raises an alarm', async () => {
  const { inTeams, showsInTeams, attacker, received, elsewhere, logs, stop } = await open()
  await inTeams.say(ids.alice, 'version')
  await showsInTeams(/shell image/)
  const keys = await attacker.keys('retina:*conversation:*')
  expect(keys.length).toBe(2)
  for (const key of keys) {
    await forge<{ value?: { serviceUrl: string }; serviceUrl?: string }>(attacker, key, (stored) => ({
      ...stored,
      ...(stored.value === undefined ? {} : { value: { ...stored.value, serviceUrl: elsewhere } }),
      serviceUrl: elsewhere,
    }))
  }
  await inTeams.say(ids.alice, 'shell node001 dig example.com')
  await showsInTeams(/Done, exit code 0/)
  await waitUntil('an alarm is logged', () => logs.some((line) => line.includes('ALARM')))
  await stop()
  expect(received).toEqual([])
})

test('T50 a request that the Bot Framework signed for an address elsewhere is refused', async () => {
  const { inTeams, teams, received, elsewhere, cluster } = await open()
  const token = teams.sign({ serviceurl: elsewhere })
  const sent = await inTeams.say(ids.alice, 'shell node001 dig example.com', { token, serviceUrl: elsewhere })
  expect(sent.status).toBe(403)
  expect([received, cluster.launched]).toEqual([[], []])
})

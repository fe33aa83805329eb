import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { type AppOptions, atEnd, openApp } from './app.ts'
import { type OutgoingServices, useOutgoingServices } from './outgoing-app.ts'
import { ids, openTeamsFlow } from './teams-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const openServices = useOutgoingServices()

/** Opens the program with Slack, Teams, Entra and a registry that are reached by TLS only. */
async function open(services: OutgoingServices, change: Partial<AppOptions> = {}) {
  await redis.empty()
  const { slack, teams, entra, hosts, authority } = services
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] })
  const options = {
    ...{ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, slack, teams, entra },
    image: `image: { repo: ${hosts.registry.replace(/:443$/, '')}/retina/shell, version: v1 }`,
    more: `caFile: ${authority.caFile}`,
    ...change,
  }
  return { ...(await openTeamsFlow(options, atEnd)), cluster }
}

const readiness = async ({ health }: { health: string }) => (await fetch(`${health}/readyz`)).text()

test('every service outside of the cluster is reached through the proxy alone', async () => {
  const services = await openServices()
  const { proxy, hosts } = services
  const flow = await open(services, { env: { HTTPS_PROXY: proxy.url } })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Done, exit code 0/)
  expect(await flow.inTeams.say(ids.alice, 'shell node001 dig example.org')).toMatchObject({ status: 200 })
  await flow.showsInTeams(/Done, exit code 0/)
  expect(flow.cluster.launched[0]?.spec.image).toContain('@sha256:')
  expect(new Set(proxy.asked)).toEqual(new Set(Object.values(hosts)))
  expect(await readiness(flow)).toContain('ok HTTP proxy\n')
})

test('the proxy of the file is used, and a password only from the environment', async () => {
  const services = await openServices()
  const { proxy, authority } = services
  const more = `caFile: ${authority.caFile}\nproxy: { https: '${proxy.url}' }`
  const first = await open(services, { more })
  await first.people.command('U0ALICE', 'shell node001 dig example.com')
  await first.shows(/Done, exit code 0/)
  expect(proxy.authorizations.every((each) => each === undefined)).toBe(true)
  await first.stop()
  const before = proxy.asked.length
  const url = proxy.url.replace('//', '//retina:a-password-of-the-proxy@')
  const second = await open(services, { env: { https_proxy: url }, more: `caFile: ${authority.caFile}` })
  await second.people.command('U0ALICE', 'shell node001 dig example.org')
  await second.shows(/example\.org.*Done, exit code 0|Done, exit code 0.*example\.org/s)
  expect(await readiness(second)).toContain('ok HTTP proxy\n')
  const sent = proxy.authorizations.slice(before)
  expect(new Set(sent)).toEqual(new Set([`Basic ${Buffer.from('retina:a-password-of-the-proxy').toString('base64')}`]))
  expect(second.logs.join('\n')).not.toContain('a-password-of-the-proxy')
})

test('under NO_PROXY everything is reached directly', async () => {
  const services = await openServices(true)
  const flow = await open(services, { env: { HTTPS_PROXY: services.proxy.url, NO_PROXY: 'localhost, .internal' } })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Done, exit code 0/)
  await flow.inTeams.say(ids.alice, 'shell node001 dig example.org')
  await flow.showsInTeams(/Done, exit code 0/)
  expect(await readiness(flow)).not.toContain('HTTP proxy')
  expect(services.proxy.asked).toEqual([])
})

test.each([false, true])('Socket Mode goes through the proxy, and directly under noProxy (%s)', async (direct) => {
  await redis.empty()
  const services = await openServices(direct)
  const { slack, proxy, authority, hosts } = services
  const noProxy = direct ? ', noProxy: [localhost]' : ''
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] })
  const more = `caFile: ${authority.caFile}\nproxy: { https: '${proxy.url}'${noProxy} }`
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, slack, more }
  const flow = await openApp({ ...options, slackMode: 'socket' })
  await waitUntil('the socket is open', () => slack.sockets().length === 1)
  const payload = flow.people.commandFields('U0ALICE', 'shell node001 dig example.com')
  slack.sockets()[0]?.send(JSON.stringify({ type: 'slash_commands', envelope_id: 'env-1', payload }))
  await flow.shows(/Done, exit code 0/)
  expect(new Set(proxy.asked)).toEqual(new Set(direct ? [] : [hosts.slack]))
})

test('a proxy that refuses is named with what it refuses, by /readyz, the chats and the log', async () => {
  const services = await openServices()
  const { proxy, hosts } = services
  const flow = await open(services, { env: { HTTPS_PROXY: proxy.url } })
  proxy.refuse((target) => (target === hosts.entra || target === hosts.registry ? 403 : undefined))
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  expect(await readiness(flow)).toContain(
    `NOT READY HTTP proxy: the proxy ${proxy.url} refuses connections to ${hosts.entra} (403); allow it there, or name the host in NO_PROXY`,
  )
  expect(await readiness(flow)).toContain('the HTTP proxy refused the connection (403)')
  proxy.refuse(() => 407)
  expect(await readiness(flow)).toContain(
    `the proxy ${proxy.url} wants a user and password; set HTTPS_PROXY to http://USER:PASSWORD@`,
  )
  await proxy.close()
  expect(await readiness(flow)).toContain(`the proxy ${proxy.url} can't be reached (ECONNREFUSED)`)
})

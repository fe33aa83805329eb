import { afterAll, afterEach, beforeAll } from '@jest/globals'
import { type ConnectProxy, startConnectProxy, startTlsFront } from '#test/environment/connect-proxy'
import { makeTestAuthority, type TestAuthority } from '#test/environment/test-authority'
import { type FakeEntra, startFakeEntra } from '#test/fakes/entra/server'
import { home } from '#test/fakes/entra/state'
import { type FakeRegistry, startFakeRegistry } from '#test/fakes/registry/server'
import { push } from '#test/fakes/registry/state'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { type FakeTeams, startFakeTeams } from '#test/fakes/teams/server'

const names = ['slack', 'teams', 'entra', 'registry'] as const
type Name = (typeof names)[number]

export type OutgoingServices = {
  proxy: ConnectProxy
  authority: TestAuthority
  slack: FakeSlack
  teams: FakeTeams
  entra: FakeEntra
  registry: FakeRegistry
  /** Host and port of each service, as clients name it. */
  hosts: Record<Name, string>
}

/**
 * Starts all services that the program reaches outside of its cluster, behind TLS of a test's own authority, and a proxy that leads to them.
 * `direct`: they are named by an address at which they are reached without it; otherwise by names that only the proxy knows.
 */
export function useOutgoingServices(): (direct?: boolean) => Promise<OutgoingServices> {
  let authority: TestAuthority | undefined
  const closing: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    authority = await makeTestAuthority([...names.map((name) => `${name}.test`), 'localhost'])
  })
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close()
  })
  afterAll(() => authority?.remove())
  return async (direct = false) => {
    if (authority === undefined) throw new Error('there is no authority yet')
    const places = new Map<string, number>()
    const hosts = {} as Record<Name, string>
    // The port of a stand-in is known before its front, whose port its addresses have.
    const start = async <T>(
      name: Name,
      open: (outward: (port: number) => string) => Promise<T & { close: () => Promise<void> }>,
    ) => {
      const reserved = await startTlsFront(authority as TestAuthority, () => port)
      let port = 0
      hosts[name] = direct ? `localhost:${reserved.port}` : `${name}.test:443`
      places.set(`${name}.test`, reserved.port)
      const service = await open((own) => {
        port = own
        return `https://${hosts[name].replace(/:443$/, '')}`
      })
      closing.push(service.close, reserved.close)
      return service
    }
    const slack = await start('slack', (outward) => startFakeSlack(undefined, undefined, outward))
    const teams = await start('teams', (outward) => startFakeTeams(home, outward))
    const entra = await start('entra', (outward) => startFakeEntra(undefined, outward))
    const registry = await start('registry', (outward) => startFakeRegistry(undefined, outward))
    push(registry.state, 'retina/shell', 'v1')
    registry.state.auth = 'bearer'
    registry.state.open.add('retina/shell')
    const proxy = await startConnectProxy(places)
    closing.push(proxy.close)
    return { proxy, authority, slack, teams, entra, registry, hosts }
  }
}

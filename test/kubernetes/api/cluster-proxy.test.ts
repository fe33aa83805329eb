import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { applyOutgoing } from '#src/app/outgoing'
import { connect } from '#src/kubernetes/api/connection'
import { type ConnectProxy, startConnectProxy } from '#test/environment/connect-proxy'
import { makeTestAuthority, type TestAuthority } from '#test/environment/test-authority'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'

let authority: TestAuthority | undefined
let proxy: ConnectProxy | undefined
const closing: (() => unknown)[] = []
const folder = mkdtempSync(join(tmpdir(), 'retina-cluster-proxy-'))
beforeAll(async () => {
  authority = await makeTestAuthority(['localhost', 'api.test'])
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})
afterAll(() => {
  authority?.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a stand-in for an API server, and a proxy that leads to it; resolves with a kubeconfig for it. */
async function open(host: string): Promise<{ kubeconfig: string; proxy: ConnectProxy }> {
  if (authority === undefined) throw new Error('there is no authority')
  const server = createServer(authority, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ major: '1', minor: '36', gitVersion: 'v1.36.0' }))
  })
  const port = await listenOnLoopback(server)
  proxy = await startConnectProxy(new Map([[host, port]]))
  closing.push(() => closeServer(server), proxy.close)
  closing.push(applyOutgoing({ proxy: { https: proxy.url, http: proxy.url, noProxy: [] } }))
  const address = `https://${host}:${host === 'localhost' ? port : 443}`
  const cluster = { server: address, 'certificate-authority-data': Buffer.from(authority.ca).toString('base64') }
  const kubeconfig = join(folder, `${host}.json`)
  const content = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c', users: [{ name: 'u', user: { token: 't' } }] },
    clusters: [{ name: 'c', cluster }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  }
  writeFileSync(kubeconfig, JSON.stringify(content))
  return { kubeconfig, proxy }
}

test('a cluster is reached directly, whatever proxy the program has', async () => {
  const { kubeconfig, proxy: own } = await open('localhost')
  const connection = connect({ kubeconfig })
  expect(await connection.version.getCode()).toMatchObject({ gitVersion: 'v1.36.0' })
  const stream = await connection.stream('/api/v1/pods', {}, new AbortController().signal)
  for await (const part of stream) expect(String(part)).toContain('v1.36.0')
  await expect(connection.openExec({ namespace: 'a', pod: 'b', container: 'c' }, ['id'])).rejects.toThrow()
  expect(own.asked).toEqual([])
})

test('a cluster that is to be reached through the proxy is, for requests, streams and execs', async () => {
  const { kubeconfig, proxy: own } = await open('api.test')
  const connection = connect({ kubeconfig, proxyUrl: own.url })
  expect(await connection.version.getCode()).toMatchObject({ gitVersion: 'v1.36.0' })
  const stream = await connection.stream('/api/v1/pods', {}, new AbortController().signal)
  for await (const part of stream) expect(String(part)).toContain('v1.36.0')
  const before = own.asked.length
  expect(before).toBeGreaterThan(0)
  // The stand-in answers an upgrade as any other request: it was reached.
  await expect(connection.openExec({ namespace: 'a', pod: 'b', container: 'c' }, ['id'])).rejects.toThrow('v1.36.0')
  expect(own.asked.length).toBeGreaterThan(before)
  expect(new Set(own.asked)).toEqual(new Set(['api.test:443']))
})

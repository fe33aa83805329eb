import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { trace } from '@opentelemetry/api'
import { applyOutgoing } from '#src/app/outgoing'
import { knownNames } from '#src/app/policy-file'
import { openTracing, traced } from '#src/app/tracing'
import { parseConfig, remarkText } from '#src/config/load'
import { startConnectProxy } from '#test/environment/connect-proxy'
import { makeTestAuthority, type TestAuthority } from '#test/environment/test-authority'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'

let authority: TestAuthority | undefined
const closing: (() => unknown)[] = []
beforeAll(async () => {
  authority = await makeTestAuthority(['localhost', 'otel.test'])
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})
afterAll(() => authority?.remove())

function own(): TestAuthority {
  if (authority === undefined) throw new Error('there is no authority')
  return authority
}

async function startCollector() {
  const received: string[] = []
  const server = createServer(own(), (request, response) => {
    received.push(request.url ?? '')
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  })
  const port = await listenOnLoopback(server)
  closing.push(() => closeServer(server))
  return { port, received }
}

test('spans go through the proxy, and directly where the collector is excepted', async () => {
  const collector = await startCollector()
  const proxy = await startConnectProxy(new Map([['otel.test', collector.port]]))
  closing.push(proxy.close)
  const send = async (endpoint: string, noProxy: string[]) => {
    const restore = applyOutgoing({ proxy: { https: proxy.url, noProxy }, caFile: own().caFile })
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint
    try {
      const flush = await openTracing('bot')
      await traced('aaaaaaaaaaaa', 'resolve-target', async () => 1)
      await flush()
    } finally {
      delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT']
      trace.disable()
      restore()
    }
  }
  await send(`https://localhost:${collector.port}`, ['localhost'])
  expect(collector.received).toEqual(['/v1/traces'])
  expect(proxy.asked).toEqual([])
  await send('https://otel.test', [])
  expect(collector.received).toHaveLength(2)
  expect(proxy.asked).toEqual(['otel.test:443'])
})

test('a CA file is trusted until it is undone', async () => {
  const { port } = await startCollector()
  const ask = () => fetch(`https://localhost:${port}/x`).then(({ status }) => status)
  await expect(ask()).rejects.toThrow()
  const restore = applyOutgoing({ caFile: own().caFile })
  try {
    expect(await ask()).toBe(200)
  } finally {
    restore()
  }
})

test('a CA file without certificates, or that is missing, is a sentence', () => {
  const file = `${own().caFile}.txt`
  writeFileSync(file, 'no certificate')
  expect(() => applyOutgoing({ caFile: file })).toThrow(/has no certificate in PEM/)
  expect(() => applyOutgoing({ caFile: `${file}.gone` })).toThrow(/caFile: .*gone can't be read/)
})

const base = 'clusters: [{ name: dev }]\nshell: { image: { repo: a.io/shell, version: v1 } }\n'
function load(more: string, env: Record<string, string> = {}) {
  const loaded = parseConfig(base + more, env, knownNames())
  if ('mistakes' in loaded) return loaded.mistakes.map((each) => remarkText('f', each))
  return { proxy: loaded.config.proxy, warnings: loaded.warnings.map(({ message }) => message) }
}

test('the environment wins over the file, variable by variable, small letters over capital ones', () => {
  const file = 'proxy: { https: http://file:1, http: http://file:2, noProxy: [a.example] }'
  expect(load('')).toEqual({ proxy: undefined, warnings: [] })
  expect(load(file)).toMatchObject({ proxy: { https: 'http://file:1', http: 'http://file:2', noProxy: ['a.example'] } })
  const env = {
    HTTPS_PROXY: 'http://env:1',
    https_proxy: 'http://small:1',
    NO_PROXY: 'b.example,.c.example d.example:8443',
  }
  expect(load(file, env)).toMatchObject({
    proxy: { https: 'http://small:1', http: 'http://file:2', noProxy: ['b.example', '.c.example', 'd.example:8443'] },
  })
  expect(load('', { NO_PROXY: '10.0.0.0/8', HTTPS_PROXY: 'http://env:1' })).toMatchObject({
    warnings: [expect.stringMatching(/^NO_PROXY: "10.0.0.0\/8" is a range of addresses, which is not known here/)],
  })
})

test.each<[string, Record<string, string>, RegExp]>([
  ['proxy: { https: proxy:3128 }', {}, /^f:3:17: the proxy must be a URL, as http:\/\/proxy\.example\.com:3128$/],
  ['proxy: { https: socks5://proxy:1080 }', {}, /^f:3:17: the proxy must be a URL/],
  [
    'proxy: { https: "http://u:p@proxy:3128" }',
    {},
    /^f:3:17: secrets are read only from the environment, never from this file; set HTTPS_PROXY/,
  ],
  [
    'proxy: { noProxy: [10.0.0.0/8] }',
    {},
    /^f:3:20: "10.0.0.0\/8" is a range of addresses, which is not known here; write names/,
  ],
  ['proxy: { url: http://proxy:3128 }', {}, /^f:3:10: there is no "url" here; did you mean/],
  ['', { HTTPS_PROXY: 'proxy:3128' }, /^f:1:1: HTTPS_PROXY must be a URL/],
  ['contact: x', { http_proxy: 'proxy' }, /^f:1:1: http_proxy must be a URL/],
])('a proxy that can’t be used is a sentence: %s %j', (more, env, mistake) => {
  expect(load(more, env)).toEqual([expect.stringMatching(mistake)])
})

test('a cluster that is to be reached through a proxy needs one', () => {
  const text = base.replace('{ name: dev }', '{ name: dev, proxy: true }')
  const mistakesOf = (more: string) => {
    const loaded = parseConfig(text + more, {}, knownNames())
    return 'mistakes' in loaded ? loaded.mistakes.map((each) => remarkText('f', each)) : []
  }
  expect(mistakesOf('')).toEqual(['f:1:32: there is no proxy; set "proxy: { https: URL }" or HTTPS_PROXY'])
  expect(mistakesOf('proxy: { https: http://proxy:3128 }')).toEqual([])
})

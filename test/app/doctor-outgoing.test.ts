import { afterEach, expect, test } from '@jest/globals'
import { diagnoseOutgoing } from '#src/app/doctor/outgoing'
import { knownNames } from '#src/app/policy-file'
import { type Config, parseConfig } from '#src/config/load'
import { expectValid } from '#test/config/expect-valid'
import { startConnectProxy } from '#test/environment/connect-proxy'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

function configOf(more: string, env: Record<string, string> = {}): Config {
  const text = `clusters: [{ name: dev }]\nshell: { image: { repo: a.io/shell, version: v1 } }\nslack: { apiUrl: 'https://slack.test/api/' }\n${more}`
  return expectValid(parseConfig(text, env, knownNames())).config
}

async function diagnosis(config: Config) {
  const { finding, restore } = await diagnoseOutgoing(config)
  restore()
  return finding
}

test('doctor says what the proxy refuses, and where that is mended', async () => {
  const proxy = await startConnectProxy(new Map([['slack.test', 1]]))
  closing.push(proxy.close)
  const config = configOf('', { HTTPS_PROXY: proxy.url })
  proxy.refuse(() => 403)
  expect(await diagnosis(config)).toEqual([
    expect.objectContaining({
      check: 'HTTP proxy',
      message: expect.stringContaining('refuses connections to slack.test:443 (403)'),
      mend: expect.stringContaining('docs/operate.md, "Through a proxy"'),
    }),
  ])
  proxy.refuse((target) => (target === 'slack.test:443' ? 200 : 403))
  expect(await diagnosis(config)).toEqual([expect.objectContaining({ check: 'HTTP proxy' })])
})

test('doctor says nothing of a proxy where there is none, and names a missing file of certificates', async () => {
  expect(await diagnosis(configOf(''))).toEqual([])
  expect(await diagnosis(configOf('caFile: /nowhere/ca.crt'))).toEqual([
    expect.objectContaining({
      check: 'own certificates',
      message: expect.stringContaining("/nowhere/ca.crt can't be read"),
    }),
  ])
})

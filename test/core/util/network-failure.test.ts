import { expect, test } from '@jest/globals'
import { networkFailure } from '#core/util/network-failure'

const wrapped = (message: string, code?: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), code === undefined ? {} : { code }) })

test.each<[string, unknown, string | undefined]>([
  [
    'a proxy that fetch was refused by',
    wrapped('Proxy response (403) !== 200 when HTTP Tunneling', 'UND_ERR_ABORTED'),
    'the HTTP proxy refused the connection (403)',
  ],
  [
    'a proxy that Node’s agent was refused by',
    Object.assign(new Error('Failed to establish tunnel to otel.test:443 via http://127.0.0.1:1: HTTP/1.1 407 No'), {
      code: 'ERR_PROXY_TUNNEL',
    }),
    'the HTTP proxy refused the connection (407)',
  ],
  ['a closed port', wrapped('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'), 'ECONNREFUSED'],
  [
    'an error of Slack’s client',
    Object.assign(new Error('A request error occurred'), {
      code: 'slack_webapi_request_error',
      original: wrapped('x', 'ENOTFOUND'),
    }),
    'ENOTFOUND',
  ],
  ['an error without a code', new Error('boom'), undefined],
  ['no error', 'boom', undefined],
  ['nothing', undefined, undefined],
])('%s is told in words without addresses', (_what, error, expected) => {
  expect(networkFailure(error)).toBe(expected)
})

test('an error that is its own cause ends the search', () => {
  const error = new Error('x')
  error.cause = error
  expect(networkFailure(error)).toBeUndefined()
})

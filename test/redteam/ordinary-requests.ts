import { bare, type HostileRequest, of, request, say } from './hostile-requests.ts'

const own = 'own'

/** What has to go on being answered. */
export const ordinaryRequests: readonly HostileRequest[] = [
  of('webhooks', own, 'served')('allowed: a page’s file', request('GET /runs/page.js')),
  of(
    'webhooks',
    own,
    'served',
  )('allowed: a page with a query', request('GET /runs/abcdefgh2345?from=slack%20app&x=%C3%A4')),
  of('webhooks', own, 'served')('allowed: HEAD of a page', request('HEAD /runs/page.js')),
  of('webhooks', 'RFC 9110, 7.8')(
    'allowed: an offer of HTTP/2 is ignored',
    request('GET /nothing', [
      'Upgrade: h2c',
      'Connection: Upgrade, HTTP2-Settings',
      'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
    ]),
  ),
  of(
    'webhooks',
    own,
    'served',
  )(
    'allowed: forty headers, as proxies add them',
    request(
      'GET /runs/page.js',
      Array.from({ length: 40 }, (_each, at) => `X-Forwarded-${at}: 10.0.0.${at}`),
    ),
  ),
  of(
    'webhooks',
    own,
    'served',
  )('allowed: a Host with a port', bare('GET /runs/page.js HTTP/1.1', 'Host: retina.example.com:8443')),
  of(
    'webhooks',
    own,
    'served',
  )('allowed: a Host that is an address', bare('GET /runs/page.js HTTP/1.1', 'Host: [fd00::1]:8080')),
  of('webhooks', own, 'served')('allowed: HTTP/1.0', bare('GET /runs/page.js HTTP/1.0')),
  of('webhooks', own, 'served')('allowed: many good ones at once', request('GET /runs/page.js').repeat(30)),
  of('web-chat', own, 'served')('allowed: the web chat’s page', request('GET /')),
  of(
    'web-chat',
    own,
    'served',
  )(
    'allowed: a command',
    say('application/json', JSON.stringify({ person: 'alice@example.com', channel: 'incident', text: 'whoami' })),
  ),
  of(
    'health',
    'Kubernetes probes',
    'served',
  )(
    'allowed: a probe by address',
    bare('GET /healthz HTTP/1.1', 'Host: 10.0.0.7:8082', 'User-Agent: kube-probe/1.36', 'Connection: close'),
  ),
  of(
    'health',
    'Prometheus',
    'served',
  )('allowed: metrics', request('GET /metrics', ['Accept: text/plain;version=0.0.4', 'Accept-Encoding: gzip'])),
]

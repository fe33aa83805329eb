/** Listener that a request goes to. */
export type ListenerName = 'webhooks' | 'web-chat' | 'health'

/** Bytes of a connection: texts of Latin-1 characters are written, numbers are milliseconds to wait. */
export type Steps = readonly (string | number)[]

/**
 * One connection to the running program. `refused`: the first answer is 4xx, or the connection is closed without an answer; `served`: the first
 * answer is 2xx; `survived`: any of both.
 */
export type HostileRequest = {
  name: string
  source: string
  to: ListenerName
  steps: Steps
  verdict: 'refused' | 'served' | 'survived'
}

const smuggling = 'PortSwigger, HTTP request smuggling'
const messages = 'RFC 9112'
const semantics = 'RFC 9110'
const own = 'own'

/** Returns a request with a valid Host header. */
export function request(line: string, headers: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', body].join('\r\n')
}

/** Returns a request whose header lines are exactly these. */
export const bare = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`

const post = (path: string, headers: readonly string[], body: string) =>
  request(`POST ${path}`, ['Content-Type: application/json', ...headers], body)

/** Returns a function that makes cases of one listener, source and verdict. */
export const of =
  (to: ListenerName, source: string, verdict: HostileRequest['verdict'] = 'refused') =>
  (name: string, ...steps: Steps): HostileRequest => ({ name, source, to, steps, verdict })

const hook = (source: string) => of('webhooks', source)

/** Targets that no listener can read, or that aren't meant for it. */
const targets: readonly (readonly [string, string, string])[] = [
  ['two slashes', 'GET //', own],
  ['two slashes and a host', 'GET //evil.example/healthz', 'WHATWG URL'],
  ['three slashes', 'GET ///', own],
  ['two slashes and a bad port', 'GET //a:b/', own],
  ['absolute form that never ends', 'GET http://[', own],
  ['absolute form without a host', 'GET http://', messages],
  ['absolute form with a bad port', 'GET http://localhost:99999999/', messages],
  ['absolute form of another host', 'GET http://evil.example/healthz', messages],
  ['absolute form with a password', 'GET http://user:pw@localhost/', messages],
  ['a file address', 'GET file:///etc/passwd', own],
  ['a script address', 'GET javascript:alert(1)', own],
  ['asterisk form', 'OPTIONS *', semantics],
  ['asterisk form of GET', 'GET *', semantics],
  ['authority form', 'CONNECT evil.example:443', semantics],
  ['authority form that never ends', 'CONNECT [', own],
  ['TRACE', 'TRACE /slack/events', semantics],
  ['TRACE of a page', 'TRACE /runs/page.js', semantics],
  ['an unknown method', 'BREW /pot', 'RFC 2324'],
  ['PROPFIND', 'PROPFIND /', 'RFC 4918'],
  ['a backslash', 'GET /\\evil.example', 'WHATWG URL'],
  ['dots', 'GET /runs/../../etc/passwd', own],
  ['dots as percent codes', 'GET /runs/%2e%2e/%2e%2e/etc/passwd', 'CWE-22'],
  ['dots as overlong UTF-8', 'GET /%c0%ae%c0%ae/', 'CVE-2000-0884'],
  ['half a percent code', 'GET /%', own],
  ['a percent code of other letters', 'GET /%zz', own],
  ['a percent code cut', 'GET /%2', own],
  ['NUL as a percent code', 'GET /%00', 'CWE-158'],
  ['a lone surrogate as percent codes', 'GET /%ed%a0%80', 'RFC 3629'],
  ['a fragment', 'GET /#x', messages],
  ['raw bytes that are no UTF-8', 'GET /\xff\xfe', messages],
  ['a query that can’t be decoded', 'GET /nothing?%=%&%zz=%', own],
  ['a long path', `GET /${'a'.repeat(8_000)}`, own],
  ['a path of many slashes', `GET ${'/'.repeat(8_000)}`, own],
  ['a path that is too long', `GET /${'a'.repeat(100_000)}`, own],
]

const requestLines: readonly HostileRequest[] = [
  ...targets.map(([name, line, source]) => hook(source)(`target: ${name}`, request(line))),
  hook(messages)('line: lower case', bare('get / HTTP/1.1', 'Host: localhost')),
  hook(messages)('line: no method', bare(' / HTTP/1.1', 'Host: localhost')),
  hook('HTTP/0.9')('line: no version', 'GET /\r\n\r\n'),
  hook(messages)('line: version 9.9', bare('GET / HTTP/9.9', 'Host: localhost')),
  hook(messages)('line: version that is none', bare('GET / HTTP/x', 'Host: localhost')),
  hook('RFC 9113')('line: the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  hook('RFC 8446')('line: a TLS handshake', `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${'\x00'.repeat(600)}`),
  hook(own)('line: words', 'hello there\r\n\r\n'),
  hook(own)('line: SSH', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'),
  hook('CWE-158')('line: NUL', bare('GET /\x00 HTTP/1.1', 'Host: localhost')),
  hook(messages)('line: a carriage return alone', bare('GET /\rx HTTP/1.1', 'Host: localhost')),
  hook(messages)('line: a space in the target', bare('GET /a b HTTP/1.1', 'Host: localhost')),
  hook(messages)('line: tabs', bare('GET\t/\tHTTP/1.1', 'Host: localhost')),
  of(
    'webhooks',
    messages,
    'survived',
  )('line: ends of lines without a carriage return', 'GET / HTTP/1.1\nHost: localhost\n\n'),
]

const badHosts = [
  'a b',
  'localhost/path',
  'user@localhost',
  'localhost:x',
  'localhost:99999999',
  '[',
  '[::1',
  'a\x7fb',
  '',
]

const headers: readonly HostileRequest[] = [
  hook(messages)('Host: none', bare('GET /nothing HTTP/1.1')),
  hook(messages)('Host: two', bare('POST /slack/events HTTP/1.1', 'Host: localhost', 'Host: evil.example')),
  hook(messages)('Host: two of one value', bare('GET /runs/page.js HTTP/1.1', 'Host: localhost', 'host: localhost')),
  ...badHosts.map((host) => hook(messages)(`Host: "${host}"`, bare('GET /runs/page.js HTTP/1.1', `Host: ${host}`))),
  hook(own)('headers: one of 20 kB', request('GET /runs/page.js', [`X: ${'a'.repeat(20_000)}`])),
  hook(own)(
    'headers: 1,500',
    request(
      'GET /runs/page.js',
      Array.from({ length: 1_500 }, (_each, at) => `X${at}: 1`),
    ),
  ),
  hook(own)(
    'headers: 150 of one name',
    request(
      'GET /runs/page.js',
      Array.from({ length: 150 }, () => 'X: 1'),
    ),
  ),
  hook(messages)('header: a space before the colon', request('GET /runs/page.js', ['X-One : 1'])),
  hook(messages)('header: no name', request('GET /runs/page.js', [': 1'])),
  hook(messages)('header: no colon', request('GET /runs/page.js', ['nothing'])),
  hook(messages)('header: NUL in its value', request('GET /runs/page.js', ['X: a\x00b'])),
  hook(messages)('header: a carriage return alone in its value', request('GET /runs/page.js', ['X: a\rb'])),
  hook(messages)('header: a folded line', request('GET /runs/page.js', ['X: a', ' b'])),
  hook(messages)('header: a folded first line', bare('GET /runs/page.js HTTP/1.1', ' X: a', 'Host: localhost')),
  hook(semantics)(
    'header: an expectation that is unknown',
    request('POST /slack/events', ['Expect: miracle', 'Content-Length: 0']),
  ),
  hook('RFC 6455')(
    'upgrade: a web socket',
    request('GET /runs/page.js', [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ]),
  ),
  hook('RFC 6455')(
    'upgrade: a web socket at the webhook',
    request('POST /slack/events', ['Upgrade: websocket', 'Connection: Upgrade', 'Content-Length: 0']),
  ),
]

const both = ['Content-Length: 4', 'Transfer-Encoding: chunked']
const chunked = ['Transfer-Encoding: chunked']
const events = '/slack/events'

const bodies: readonly HostileRequest[] = [
  hook(smuggling)('smuggling: length and chunks', post(events, both, '0\r\n\r\nGET /x HTTP/1.1\r\n\r\n')),
  hook(smuggling)('smuggling: chunks and length', post(events, both.toReversed(), '0\r\n\r\n')),
  hook(smuggling)('smuggling: two lengths', post(events, ['Content-Length: 2', 'Content-Length: 3'], '{}x')),
  hook(smuggling)('smuggling: a list of lengths', post(events, ['Content-Length: 2, 3'], '{}x')),
  hook(smuggling)(
    'smuggling: another coding before chunks',
    post(events, ['Transfer-Encoding: xchunked'], '0\r\n\r\n'),
  ),
  hook(smuggling)(
    'smuggling: chunks before another coding',
    post(events, ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'),
  ),
  hook(smuggling)(
    'smuggling: chunks behind a control character',
    post(events, ['Transfer-Encoding: \x0bchunked'], '0\r\n\r\n'),
  ),
  hook(smuggling)(
    'smuggling: two codings in two headers',
    post(events, ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'], '0\r\n\r\n'),
  ),
  hook(messages)('length: negative', post(events, ['Content-Length: -1'], '')),
  hook(messages)('length: with a sign', post(events, ['Content-Length: +2'], '{}')),
  hook(messages)('length: hexadecimal', post(events, ['Content-Length: 0x2'], '{}')),
  hook(messages)('length: too big for any number', post(events, [`Content-Length: ${'9'.repeat(40)}`], '{}')),
  hook(own)('length: 1 TB', post(events, ['Content-Length: 1099511627776'], '{}')),
  hook(messages)('chunks: a size that is none', post(events, chunked, 'zz\r\n{}\r\n0\r\n\r\n')),
  hook(messages)('chunks: a negative size', post(events, chunked, '-1\r\n{}\r\n0\r\n\r\n')),
  hook(messages)('chunks: a size that is too big', post(events, chunked, 'FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n')),
  hook(messages)('chunks: more bytes than said', post(events, chunked, '2\r\n{}{}\r\n0\r\n\r\n')),
  hook(messages)(
    'chunks: an extension of 100 kB',
    post(events, chunked, `2;${'a'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`),
  ),
  hook('CVE-2024-22019')(
    'chunks: extensions without end',
    post(events, chunked, '2;'),
    ...Array.from({ length: 40 }, () => 'a'.repeat(10_000)),
  ),
  hook(messages)(
    'chunks: a trailer of 100 kB',
    post(events, chunked, `2\r\n{}\r\n0\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`),
  ),
  hook(own)('body: 5 MB without a signature', post(events, ['Content-Length: 5000000'], 'x'.repeat(5_000_000))),
  hook(own)(
    'body: 5 MB in chunks',
    post(events, chunked, ''),
    ...Array.from({ length: 50 }, () => `186a0\r\n${'x'.repeat(100_000)}\r\n`),
  ),
  hook(own)(
    'body: packed, without a signature',
    post(
      events,
      ['Content-Encoding: gzip', 'Content-Length: 20'],
      '\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00',
    ),
  ),
  hook(own)('body: none, without a signature', post(events, ['Content-Length: 0'], '')),
  hook(own)(
    'body: JSON of 100,000 brackets to Teams',
    post('/teams/messages', ['Content-Length: 100000'], '['.repeat(100_000)),
  ),
  hook(own)('body: 1 MB to Teams', post('/teams/messages', ['Content-Length: 1000000'], ' '.repeat(1_000_000))),
  hook(own)('body: JSON to a run’s page', post('/runs/look', ['Content-Length: 2'], '{}')),
  hook(own)('method: GET at a webhook', request('GET /slack/events')),
  hook(own)('method: PUT at a webhook', request('PUT /slack/events', ['Content-Length: 0'])),
  hook(own)('method: DELETE at a webhook', request('DELETE /teams/messages')),
  hook(own)('method: POST at a page', request('POST /runs/page.js', ['Content-Length: 0'])),
]

/** Clients that are slow, or go away; limits of the tests' program are below a second. */
const slow = 4_000
const clients: readonly HostileRequest[] = [
  hook('Slowloris')(
    'slow: headers that never end',
    'GET / HTTP/1.1\r\nHost: localhost\r\n',
    ...Array.from({ length: 8 }, () => [500, 'X: 1\r\n']).flat(),
    slow,
  ),
  hook('Slowloris')('slow: nothing at all after half a line', 'GE', slow),
  hook('R.U.D.Y.')(
    'slow: a body a byte at a time',
    post(events, ['Content-Length: 100'], ''),
    ...Array.from({ length: 8 }, () => [500, 'x']).flat(),
    slow,
  ),
  hook('R.U.D.Y.')(
    'slow: a body to Teams that never comes',
    post('/teams/messages', ['Content-Length: 100'], ''),
    slow,
  ),
  hook('R.U.D.Y.')(
    'slow: a body to a run’s page that never comes',
    request('POST /runs/look', ['Origin: http://localhost:1', 'Content-Type: application/json', 'Content-Length: 100']),
    slow,
  ),
  hook('R.U.D.Y.')(
    'slow: chunks that never end',
    post(events, chunked, ''),
    ...Array.from({ length: 8 }, () => [500, '1\r\nx\r\n']).flat(),
    slow,
  ),
  of('web-chat', 'Slowloris')('slow: headers to the web chat', 'GET / HTTP/1.1\r\n', slow),
  of('health', 'Slowloris')('slow: headers to health', 'GET / HTTP/1.1\r\n', slow),
  of('webhooks', own, 'survived')('gone: in the middle of a line', 'GET /', -1),
  of('webhooks', own, 'survived')('gone: in the middle of a body', post(events, ['Content-Length: 100'], '{'), -1),
  of('webhooks', own, 'survived')(
    'gone: in the middle of a body to Teams',
    post('/teams/messages', ['Content-Length: 100'], '{'),
    -1,
  ),
  of('webhooks', own, 'survived')('gone: in the middle of a chunk', post(events, chunked, '100\r\n{'), -1),
  hook(messages)('many: 300 requests at once that nothing answers', request('GET //').repeat(300)),
  hook(messages)('many: a bad one behind a good one', `${request('GET /nothing')}GARBAGE\r\n\r\n`),
]

const chat = of('web-chat', own)
/** Returns a request by which the web chat's page sends a command. */
export const say = (type: string, body: string) =>
  request('POST /api/command', [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body, 'latin1')}`], body)

const webChat: readonly HostileRequest[] = [
  chat('web chat: two slashes', request('GET //')),
  chat('web chat: an address that never ends', request('GET http://[')),
  chat('web chat: absolute form', request('GET http://evil.example/')),
  chat('web chat: CONNECT', request('CONNECT localhost:1')),
  chat('web chat: TRACE', request('TRACE /')),
  chat('web chat: two Hosts', bare('GET / HTTP/1.1', 'Host: localhost', 'Host: evil.example')),
  chat('web chat: another Host', bare('GET / HTTP/1.1', 'Host: evil.example')),
  chat('web chat: a web socket', request('GET /', ['Upgrade: websocket', 'Connection: Upgrade'])),
  chat('web chat: a channel that can’t be decoded', request('GET /api/entries?channel=%zz')),
  chat('web chat: a channel named like a prototype', request('GET /api/entries?channel=__proto__')),
  chat(
    'web chat: 1,500 headers',
    request(
      'GET /',
      Array.from({ length: 1_500 }, (_each, at) => `X${at}: 1`),
    ),
  ),
  chat('web chat: JSON that is broken', say('application/json', '{"person":')),
  chat('web chat: JSON null', say('application/json', 'null')),
  chat('web chat: a list', say('application/json', '[]')),
  chat(
    'web chat: a person named like a prototype',
    say('application/json', '{"__proto__":{"person":"alice@example.com","channel":"incident"}}'),
  ),
  chat('web chat: 100,000 brackets', say('application/json', '['.repeat(100_000))),
  chat('web chat: a form', say('application/x-www-form-urlencoded', 'person=alice')),
  chat('web chat: bytes that are no UTF-8', say('application/json', '{"person":"\xff\xfe"}')),
  chat(
    'web chat: 100 kB',
    say(
      'application/json',
      JSON.stringify({ person: 'alice@example.com', channel: 'incident', text: 'x'.repeat(100_000) }),
    ),
  ),
]

const probe = of('health', own)
const health: readonly HostileRequest[] = [
  probe('health: two slashes', request('GET //')),
  probe('health: an address that never ends', request('GET http://[')),
  probe('health: absolute form', request('GET http://evil.example/healthz')),
  probe('health: POST', request('POST /healthz', ['Content-Length: 0'])),
  probe('health: TRACE', request('TRACE /healthz')),
  probe('health: two Hosts', bare('GET /healthz HTTP/1.1', 'Host: localhost', 'Host: localhost')),
  probe('health: a web socket', request('GET /healthz', ['Upgrade: websocket', 'Connection: Upgrade'])),
]

export const hostileRequests: readonly HostileRequest[] = [
  ...requestLines,
  ...headers,
  ...bodies,
  ...clients,
  ...webChat,
  ...health,
]

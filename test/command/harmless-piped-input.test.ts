import { expect, test } from '@jest/globals'
import { isHarmlessInput } from '#src/command/harmless-piped-input'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'

test.each([
  [''],
  ['\n'],
  ['ruok'],
  ['PING\r\n'],
  ['GET / HTTP/1.0\r\n\r\n'],
  ['HEAD /healthz HTTP/1.1\r\nHost: api.shop.svc\r\nConnection: close\r\n\r\n'],
])('%j only asks', (text) => {
  expect(isHarmlessInput(text)).toBe(true)
})

test.each([
  ['FLUSHALL'],
  ['PING\nFLUSHALL'],
  ['\nFLUSHALL'],
  ['POST / HTTP/1.0\r\n\r\n'],
  ['GET / HTTP/1.1\r\nHost: x\r\n\r\nDELETE / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['GET / HTTP/1.1\r\nSET a b\r\n\r\n'],
  ['GET /\r\n\r\n'],
  ['HELO x\r\nMAIL FROM:<a@b>'],
])('%j may change something', (text) => {
  expect(isHarmlessInput(text)).toBe(false)
})

const effectOf = (line: string) => {
  const command = parse({ text: `shell -n shop pod/web-1 ${line}` }, catalogue)
  if (command.verb !== 'shell') return command.verb
  const planned = plan(command, catalogue, { repo: 'a.io/shell', version: 'v1' })
  return 'verb' in planned ? planned.message : planned.needs.effect
}

test.each([
  ['echo ruok | nc 10.0.0.7 2181', 'read'],
  ['echo | openssl s_client -connect 10.0.0.7:443', 'read'],
  ["printf 'PING\\r\\n' | nc 10.0.0.7 6379", 'read'],
  ["echo -e 'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' | nc 10.0.0.7 80", 'read'],
  ['echo x | grep x', 'read'],
  ['echo x', 'read'],
  ['echo FLUSHALL | nc 10.0.0.7 6379', 'write'],
  ['echo flushall | tr a-z A-Z | nc 10.0.0.7 6379', 'write'],
  ['echo ruok | cat | nc 10.0.0.7 6379', 'write'],
  ["printf '%s' FLUSHALL | nc 10.0.0.7 6379", 'write'],
  ["printf 'GET / HTTP/1.0\\r\\nA: \\x0aFLUSHALL\\r\\n' | nc 10.0.0.7 6379", 'write'],
  ["echo -e 'GET / HTTP/1.0\\012FLUSHALL' | nc 10.0.0.7 6379", 'write'],
  ["echo -n -e 'PING\\nFLUSHALL' | nc 10.0.0.7 6379", 'write'],
  ["echo 'x' | socat - TCP:10.0.0.7:6379", 'write'],
])('%s counts as %s', (line, expected) => {
  expect(effectOf(line)).toBe(expected)
})

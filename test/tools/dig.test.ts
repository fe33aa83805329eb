import { expect, test } from '@jest/globals'
import { noNeeds } from '#core/request/tool'
import { read, verdict } from './verdict.ts'

test.each([
  ['dig', 'read'],
  ['dig example.com', 'read'],
  ['dig example.org +short', 'read'],
  ['dig @10.0.0.10 -p 5353 -t AAAA example.org +tcp +time=2 +tries=1', 'read'],
  ['dig -x 10.224.0.4 +noall +answer', 'read'],
  ['dig +nocomm +nosta example.org', 'read'],
  ['dig -4 +tls @1.1.1.1 example.org', 'read'],
  ['dig -f /host/etc/shadow', 'read: dig -f'],
  ['dig -f/host/etc/shadow', 'read: dig -f'],
  ['dig -4f /host/etc/shadow', 'read: dig -f'],
  ['dig example.org -- -f /host/etc/shadow', 'write: dig -f'],
  ['dig -q -f /host/etc/shadow', 'read: dig -f'],
  ['dig -k /host/etc/key example.org', 'read: dig -k'],
  ['dig +tls-ca=/host/etc/shadow example.org', 'read: dig +tls-ca'],
  ['dig +tls-c=/host/etc/shadow example.org', 'read: dig +tls-ca, dig +tls-certfile'],
  ['dig +trusted-key=/host/etc/shadow example.org', 'read: dig +trusted-key'],
  ['dig +opcode=update example.org', 'write'],
  ['dig --file /host/etc/shadow', 'write'],
])('T10 %s is %s', (line, expected) => {
  expect(verdict(line)).toBe(expected)
})

test('dig runs as given and needs nothing', () => {
  expect(read('dig example.org +short')).toMatchObject({ argv: ['dig', 'example.org', '+short'], needs: noNeeds })
})

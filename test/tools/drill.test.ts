import { expect, test } from '@jest/globals'
import { verdict } from './verdict.ts'

test.each([
  ['drill example.org', 'read'],
  ['drill -D -t @10.0.0.10 example.org AAAA', 'read'],
  ['drill -f /host/packet example.org', 'read: drill -f'],
  ['drill -i /host/packet', 'read: drill -i'],
  ['drill -c /host/etc/shadow example.org', 'read: drill -c'],
  ['drill -k /host/key example.org', 'read: drill -k'],
  ['drill -Dw/host/x example.org', 'write: drill -w'],
  ['drill -q /host/x example.org', 'write: drill -q'],
])('T10 %s is %s', (line, expected) => {
  expect(verdict(line)).toBe(expected)
})

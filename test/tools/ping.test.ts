import { expect, test } from '@jest/globals'
import { noNeeds } from '#core/request/tool'
import { read, verdict } from './verdict.ts'

test.each([
  ['ping 10.224.0.4', 'read'],
  ['ping -c 3 -W 1 -i 0.5 10.224.0.4', 'read'],
  ['ping -6 -I eth0 -s 1472 -M do fe80::1', 'read'],
  ['ping -f 10.224.0.4', 'read: ping -f'],
  ['ping -qf 10.224.0.4', 'read: ping -f'],
  ['ping -A 10.224.0.4', 'read: ping -A'],
  ['ping -b 10.224.0.255', 'read: ping -b'],
  ['ping -l 100 10.224.0.4', 'read: ping -l'],
  ['ping -i 0.01 10.224.0.4', 'read: ping -i'],
  ['ping -i0 10.224.0.4', 'read: ping -i'],
  ['ping --flood 10.224.0.4', 'write'],
])('T10 %s is %s', (line, expected) => {
  expect(verdict(line)).toBe(expected)
})

test.each([
  ['ping 10.0.0.1', 'ping -c 5 10.0.0.1'],
  ['ping6 fe80::1', 'ping6 -c 5 fe80::1'],
  ['ping -c 3 10.0.0.1', 'ping -c 3 10.0.0.1'],
  ['ping -c3 10.0.0.1', 'ping -c3 10.0.0.1'],
  ['ping -w 10 10.0.0.1', 'ping -w 10 10.0.0.1'],
  ['ping -w 0 10.0.0.1', 'ping -c 5 -w 0 10.0.0.1'],
  ['ping -W 1 10.0.0.1', 'ping -c 5 -W 1 10.0.0.1'],
])('%s runs as %s: it has a limit', (line, expected) => {
  const { argv, notes } = read(line)
  expect(argv.join(' ')).toBe(expected)
  expect(notes).toHaveLength(line === expected ? 0 : 1)
})

test('a ping needs nothing: unprivileged ICMP sockets serve it', () => {
  expect(read('ping 10.0.0.1').needs).toEqual(noNeeds)
})

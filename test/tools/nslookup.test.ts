import { expect, test } from '@jest/globals'
import { verdict } from './verdict.ts'

test.each([
  ['nslookup example.org', 'read'],
  ['nslookup -type=mx example.org 10.0.0.10', 'read'],
  ['nslookup -debug -timeout=2 example.org', 'read'],
  ['nslookup -version', 'read'],
  ['nslookup -unknown=1 example.org', 'write'],
  ['nslookup', 'refused'],
  ['nslookup -type=mx', 'refused'],
  ['nslookup - 10.0.0.10', 'refused'],
])('T10 %s is %s', (line, expected) => {
  expect(verdict(line)).toBe(expected)
})

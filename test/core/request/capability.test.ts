import { expect, test } from '@jest/globals'
import { toCapability } from '#core/request/capability'

test.each([
  ['NET_ADMIN', 'NET_ADMIN'],
  ['net_raw', 'NET_RAW'],
  ['CAP_SYS_ADMIN', 'SYS_ADMIN'],
  ['all', 'ALL'],
  ['NET_ADMINS', undefined],
  ['', undefined],
])('%s is the capability %s', (word, name) => {
  expect(toCapability(word)).toBe(name)
})

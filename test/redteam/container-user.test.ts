import { expect, test } from '@jest/globals'
import { defaultUidRange, parseUidRange } from '#core/runs/uid-range'
import { containerUserId } from '#src/kubernetes/workload/derive-user-id'
import { deriveKey } from '#src/redis/derived-key'

const secret = 'a secret of the installation, 32 characters'
const key = deriveKey(secret, 'container-uid')
const ids = Array.from({ length: 2_000 }, (_, index) => `run${index}`)

test('T45 each run’s container has a user of the upper half of all ids, the same on every worker', () => {
  for (const id of ids) {
    const user = containerUserId(key, id)
    expect(user).toBeGreaterThanOrEqual(2 ** 30)
    expect(user).toBeLessThan(2 ** 31)
    expect(containerUserId(deriveKey(secret, 'container-uid'), id)).toBe(user)
  }
})

test('T45 users of runs differ, over all of the range', () => {
  const users = ids.map((id) => containerUserId(key, id))
  expect(new Set(users).size).toBe(ids.length)
  const sixteenths = new Set(users.map((user) => Math.floor((user - 2 ** 30) / 2 ** 26)))
  expect(sixteenths.size).toBe(16)
})

test('T45 who knows a run’s id but not the secret doesn’t know its user', () => {
  const guesses = [
    Buffer.alloc(0),
    Buffer.from(secret),
    deriveKey('another secret of 32 characters ....', 'container-uid'),
  ]
  for (const guess of guesses) expect(containerUserId(guess, 'run1')).not.toBe(containerUserId(key, 'run1'))
})

test('T45 an owner’s range is kept to', () => {
  const range = { first: 1_000_620_000, size: 10_000 }
  const users = ids.map((id) => containerUserId(key, id, range))
  expect(Math.min(...users)).toBeGreaterThanOrEqual(1_000_620_000)
  expect(Math.max(...users)).toBeLessThan(1_000_630_000)
  expect(new Set(users).size).toBeGreaterThan(1_500)
})

test.each<[string, { first: number; size: number }]>([
  ['1000620000/10000', { first: 1_000_620_000, size: 10_000 }],
  ['1000620000-1000629999', { first: 1_000_620_000, size: 10_000 }],
  [' 1000620000/10000 ', { first: 1_000_620_000, size: 10_000 }],
  ['65536/1000', { first: 65_536, size: 1_000 }],
  ['1073741824/1073741824', defaultUidRange],
  ['2147482648-2147483647', { first: 2_147_482_648, size: 1_000 }],
])('a range of users is understood: %s', (text, range) => {
  expect(parseUidRange(text)).toEqual(range)
})

test.each([
  '',
  '0/100000',
  '1000-2000000',
  '65532/10000',
  '65535/10000',
  '1000620000',
  '1000620000/0',
  '1000620000/999',
  '1000629999-1000620000',
  '1000620000-1000620000',
  '2147483000/1000',
  '2147483648/1000',
  '4294967296/1000',
  '99999999999/1000',
  '-1/1000000',
  '1e9/10000',
  '0x3ba40000/10000',
  '1000620000/10000/1',
  '1000620000 / 10000',
  '١٠٠٠٦٢٠٠٠٠/10000',
  '1000620000/10000\n0/1',
])('T45 no range of users, or one of somebody’s: %j', (text) => {
  expect(parseUidRange(text)).toEqual({ mistake: expect.stringMatching(/./) })
})

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Values } from '#core/ports/store'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisSignedValues } from '#src/redis/store/signed-values'
import { useRedis } from '#test/environment/redis'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
let connection: ReturnType<typeof connectRedis>
let now = 0
const reported: string[] = []

beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
})
beforeEach(async () => {
  now = Date.now()
  reported.length = 0
  await redis.empty()
})
afterAll(() => connection.disconnect())

function open(key = 'a key'): Values {
  const report = (name: string) => void reported.push(name)
  return redisSignedValues(connection, { signer: createSigner(key), prefix: 'retina', now: () => now, report })
}

test('a value is read as it was written, once where it is taken, and not after its end', async () => {
  const values = open()
  await values.setValue('standing-approval', 'k', { run: 'r1' }, 60)
  expect(await values.getValue('standing-approval', 'k')).toEqual({ run: 'r1' })
  const text = (await connection.get('retina:value:standing-approval:k')) ?? ''
  expect(await values.takeValue('standing-approval', 'k')).toEqual({ run: 'r1' })
  expect(await values.getValue('standing-approval', 'k')).toBeUndefined()
  // Somebody puts it back for good.
  await connection.set('retina:value:standing-approval:k', text)
  expect(await values.getValue('standing-approval', 'k')).toEqual({ run: 'r1' })
  now += 61_000
  expect(await values.getValue('standing-approval', 'k')).toBeUndefined()
  expect(reported).toEqual([])
})

test('T44 a value that was changed, moved to another key or kind, or signed with another key is broken and reported', async () => {
  const values = open()
  await values.setValue('standing-approval', 'k', { run: 'r1' })
  const text = (await connection.get('retina:value:standing-approval:k')) ?? ''
  const forgeries: readonly (readonly [string, string])[] = [
    ['k', text.replace('r1', 'r2')],
    ['other', text],
    ['k', text.slice(text.indexOf('.') + 1)],
    ['k', text.slice(text.indexOf('.'))],
    ['k', ''],
    ['k', 'null'],
  ]
  for (const [key, forged] of forgeries) {
    await connection.set(`retina:value:standing-approval:${key}`, forged)
    expect([key, forged, await values.getValue('standing-approval', key)]).toEqual([key, forged, 'broken'])
  }
  await connection.set('retina:value:policy-hash:k', text)
  expect(await values.getValue('policy-hash', 'k')).toBe('broken')
  await open('another key').setValue('standing-approval', 'k', { run: 'r1' })
  expect(await values.getValue('standing-approval', 'k')).toBe('broken')
  expect(reported).toHaveLength(forgeries.length + 2)
})

test('T44 fields are signed with the names of their key and field', async () => {
  const values = open()
  await values.setField('outcomes', 'f1', 'r1', { reason: 'completed' }, 60)
  await values.setField('outcomes', 'f1', 'r2', { reason: 'failed' }, 60)
  expect(await values.fields('outcomes', 'f1')).toEqual(
    new Map([
      ['r1', { reason: 'completed' }],
      ['r2', { reason: 'failed' }],
    ]),
  )
  const all = await connection.hgetall('retina:values:outcomes:f1')
  await connection.hset('retina:values:outcomes:f1', 'r2', all['r1'] ?? '')
  await connection.hset('retina:values:outcomes:f2', 'r1', all['r1'] ?? '')
  expect((await values.fields('outcomes', 'f1')).get('r2')).toBe('broken')
  expect((await values.fields('outcomes', 'f2')).get('r1')).toBe('broken')
  await values.deleteField('outcomes', 'f1', 'r2')
  expect([...(await values.fields('outcomes', 'f1')).keys()]).toEqual(['r1'])
})

test('passkeys that an earlier version stored are read until they are replaced, with their signature alone', async () => {
  const earlier = createSigner('the secret')
  const report = (name: string) => void reported.push(name)
  const values = redisSignedValues(connection, {
    ...{ signer: createSigner('a key'), earlier, prefix: 'retina', now: () => now, report },
  })
  const list = [{ id: 'one', publicKey: 'x', counter: 0, addedAt: '2026-11-01T00:00:00.000Z' }]
  const text = earlier.sign('passkeys:bob', JSON.stringify(list))
  await connection.set('retina:kept:passkeys:bob', text)
  expect(await values.getValue('passkeys', 'bob')).toEqual(list)
  await connection.set('retina:kept:passkeys:alice', text)
  expect(await values.getValue('passkeys', 'alice')).toBeUndefined()
  expect(reported).toEqual(['retina:kept:passkeys:alice'])
  await values.deleteValue('passkeys', 'bob')
  expect(await values.getValue('passkeys', 'bob')).toBeUndefined()
})

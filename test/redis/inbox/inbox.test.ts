import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type CommandInbox, type CommandLease, LeaseLostError } from '#core/ports/inbox'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisInbox } from '#src/redis/inbox/inbox'
import { scriptText } from '#src/redis/script'
import { useRedis } from '#test/environment/redis'
import { waitUntil } from '#test/flow/wait-for'
import { signLater } from '#test/redis/sign-later'
import { sampleRequest, silentLog } from '#test/samples/run'

const secret = 'a-secret-of-the-tests'
const signing = createSigner(secret)
const { account, thread, at } = sampleRequest()
let connection: ReturnType<typeof connectRedis>
let one: CommandInbox
let other: CommandInbox
const alarms: string[] = []

// Declared before `useRedis`, so that it runs before Redis is stopped.
afterAll(async () => {
  await one.close()
  await other.close()
  connection.disconnect()
})
const redis = useRedis()
beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
  const log = silentLog
  const alarm = (subject: string) => void alarms.push(subject)
  one = redisInbox(connection, { signer: signing, log, alarm })
  other = redisInbox(connection, { signer: signing, log, alarm })
})
beforeEach(() => redis.empty())

const command = (id: string) => ({ id, inbound: { account, thread, at, key: id, text: 'nodes' } })

function isLease(answer: Awaited<ReturnType<CommandInbox['accept']>>): answer is CommandLease {
  return typeof answer === 'object'
}

async function accepted(inbox: CommandInbox, id: string): Promise<CommandLease> {
  const answer = await inbox.accept(command(id))
  if (!isLease(answer)) throw new Error(answer)
  return answer
}

/** Expires a lease, as if its owner had died. */
const leaseOver = (id: string) => connection.del(`retina:command-lease:${id}`)

test('T03 of twenty deliveries of one command to two bots one is accepted, and so is one of two presses', async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, (_each, at) => (at % 2 === 0 ? one : other).accept(command('a'))),
  )
  expect(all.filter(isLease)).toHaveLength(1)
  const presses = await Promise.all([one.accept(command('b'), 'press:1'), other.accept(command('c'), 'press:1')])
  expect(presses.filter(isLease)).toHaveLength(1)
  expect(presses).toContain('duplicate')
})

test('a leased command isn’t taken over; an abandoned one is taken over by one bot, with its saved steps', async () => {
  const lease = await accepted(one, 'a')
  await lease.assertOwned()
  await lease.saveStep('said', { message: 'm1' })
  expect(await other.takeOver(10)).toEqual([])
  await leaseOver('a')
  const taken = (await Promise.all([one.takeOver(10), other.takeOver(10)])).flat()
  expect(taken.map(({ id, as }) => [id, as])).toEqual([['a', 'again']])
  expect(taken[0]?.inbound).toEqual(command('a').inbound)
  expect(taken[0]?.savedStep('said')).toEqual({ message: 'm1' })
  expect(taken[0]?.savedStep('another')).toBeUndefined()
  // The previous owner finds out, and its further writes change nothing.
  await waitUntil('the lease is lost', async () =>
    lease.assertOwned().then(
      () => false,
      (error: unknown) => error instanceof LeaseLostError,
    ),
  )
  await lease.saveStep('said', { message: 'm2' })
  await lease.ack()
  await leaseOver('a')
  expect((await one.takeOver(10))[0]?.savedStep('said')).toEqual({ message: 'm1' })
})

test('T03 an acknowledged command isn’t taken over, and its later deliveries are still recognised', async () => {
  const lease = await accepted(one, 'a')
  await lease.ack()
  await leaseOver('a')
  expect(await other.takeOver(10)).toEqual([])
  expect(await other.accept(command('a'))).toBe('duplicate')
})

test('a bot that closes releases its leases at once', async () => {
  const closing = redisInbox(connection, { signer: signing, log: silentLog })
  await (await accepted(closing, 'a')).assertOwned()
  await closing.close()
  expect((await other.takeOver(10)).map(({ id }) => id)).toEqual(['a'])
  const late = await accepted(closing, 'b')
  await expect(late.assertOwned()).rejects.toThrow(LeaseLostError)
  expect((await other.takeOver(10)).map(({ id }) => id)).toEqual(['b'])
})

test('a command that was stored but never accepted is handed out as such; storing it again adds no second one', async () => {
  const keys = ['claim:a', 'command:a', 'command-lease:a', 'commands', 'claim:a'].map((key) => `retina:${key}`)
  const text = signing.sign('retina:command:a', JSON.stringify(command('a').inbound))
  const write = () => connection.eval(scriptText('store-command'), 5, ...keys, 'a', 'holder', text, 60, 6_000, 3)
  expect([await write(), await write()]).toEqual(['kept', 'kept'])
  await leaseOver('a')
  expect((await other.takeOver(10)).map(({ as }) => as)).toEqual(['unsure'])
  // The bot that wrote it can no longer accept it.
  expect(await connection.eval(scriptText('confirm-stored-command'), 1, 'retina:command:a', 'holder')).toBe(0)
})

test('a command that a newer version has accepted is left to it, and what is older is taken over beside it', async () => {
  await (await accepted(one, 'new')).assertOwned()
  await (await accepted(one, 'old')).assertOwned()
  const key = 'retina:command:new'
  const text = JSON.stringify(command('new').inbound)
  await connection.hset(key, 'text', signLater(secret, key, text))
  for (const id of ['new', 'old']) await leaseOver(id)
  expect((await other.takeOver(10)).map(({ id }) => id)).toEqual(['old'])
  expect(await connection.sismember('retina:commands', 'new')).toBe(1)
  expect(alarms).toEqual([])
})

test('T20 a command that was written into Redis by an attacker isn’t carried out, nor another command’s text or saved steps', async () => {
  const { inbound } = command('a')
  const forged = [
    { id: 'f1', text: JSON.stringify(inbound) },
    { id: 'f2', text: `.${JSON.stringify(inbound)}` },
    { id: 'f3', text: signing.sign('retina:command:another', JSON.stringify(inbound)) },
  ]
  for (const { id, text } of forged) {
    await connection.hset(`retina:command:${id}`, { text })
    await connection.sadd('retina:commands', id)
  }
  expect(await one.takeOver(10)).toEqual([])
  expect(alarms.toSorted()).toEqual(['f1', 'f2', 'f3'].map((id) => `retina:command:${id}`))
  await waitUntil('they are gone', async () => (await connection.scard('retina:commands')) === 0)
  const lease = await accepted(one, 'a')
  await lease.assertOwned()
  await connection.hset('retina:command:a', { 'step:said': '."forged"' })
  await leaseOver('a')
  expect((await other.takeOver(10))[0]?.savedStep('said')).toBeUndefined()
})

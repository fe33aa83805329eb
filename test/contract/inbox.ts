import { describe, expect, test } from '@jest/globals'
import { type CommandInbox, type CommandLease, LeaseLostError } from '#core/ports/inbox'
import { waitUntil } from '#test/flow/wait-for'
import { sampleRequest } from '#test/samples/run'

/** Inboxes of two bots over the same commands. `expire` ends a lease, as if its holder had died. */
export type InboxBench = {
  one: CommandInbox
  other: CommandInbox
  expire: (id: string) => Promise<void>
  pass: (ms: number) => Promise<void>
}

const { account, thread, at } = sampleRequest()
const command = (id: string) => ({ id, inbound: { account, thread, at, key: id, text: 'nodes' } })
const isLease = (answer: Awaited<ReturnType<CommandInbox['accept']>>) => typeof answer === 'object'

async function accepted(inbox: CommandInbox, id: string): Promise<CommandLease> {
  const answer = await inbox.accept(command(id))
  if (typeof answer !== 'object') throw new Error(answer)
  await answer.assertOwned()
  return answer
}

const isLost = ({ assertOwned }: CommandLease) =>
  assertOwned().then(
    () => false,
    (error: unknown) => error instanceof LeaseLostError,
  )

/** Tests what every command inbox has to do. */
export function inboxContract(name: string, open: () => Promise<InboxBench>): void {
  describe(`${name} meets the contract of a command inbox`, () => {
    test('of twenty deliveries of a command one is accepted, and so is one of two presses within seconds', async () => {
      const { one, other, pass } = await open()
      const all = await Promise.all(
        Array.from({ length: 20 }, (_each, index) => (index % 2 === 0 ? one : other).accept(command('a'))),
      )
      expect(all.filter(isLease)).toHaveLength(1)
      expect(isLease(await one.accept(command('b'), 'press:1'))).toBe(true)
      expect(await other.accept(command('c'), 'press:1')).toBe('duplicate')
      await pass(3_500)
      expect(isLease(await other.accept(command('d'), 'press:1'))).toBe(true)
    })

    test('an abandoned command is taken over by one bot, with its saved steps; the bot before can’t go on', async () => {
      const { one, other, expire } = await open()
      const lease = await accepted(one, 'a')
      expect(lease).toMatchObject({ id: 'a', as: 'new', inbound: command('a').inbound })
      await lease.saveStep('said', { message: 'm1' })
      expect(await other.takeOver(10)).toEqual([])
      await expire('a')
      const taken = (await Promise.all([one.takeOver(10), other.takeOver(10)])).flat()
      expect(taken.map(({ id, as, inbound }) => ({ id, as, inbound }))).toEqual([{ ...command('a'), as: 'again' }])
      expect([taken[0]?.savedStep('said'), taken[0]?.savedStep('other')]).toEqual([{ message: 'm1' }, undefined])
      await waitUntil('the lease is lost', () => isLost(lease))
      await lease.saveStep('said', { message: 'm2' })
      await lease.ack()
      await expire('a')
      expect((await one.takeOver(10))[0]?.savedStep('said')).toEqual({ message: 'm1' })
    })

    test('an acknowledged command isn’t taken over, and its later deliveries are recognised', async () => {
      const { one, other, expire } = await open()
      await (await accepted(one, 'a')).ack()
      await expire('a')
      expect(await other.takeOver(10)).toEqual([])
      expect(await other.accept(command('a'))).toBe('duplicate')
    })

    test('a bot that closes releases its leases', async () => {
      const { one, other } = await open()
      await accepted(one, 'a')
      await one.close()
      expect((await other.takeOver(10)).map(({ id }) => id)).toEqual(['a'])
    })
  })
}

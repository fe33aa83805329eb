import { expect, test } from '@jest/globals'
import { approvalCards, harmless } from '#test/samples/approval-cards'
import { endedWith } from '#test/samples/messages'
import { openTerminal } from './terminal.ts'

const cards = approvalCards(harmless)
const request = cards.find(({ kind }) => kind === 'asking')
const approved = cards.find(({ kind }) => kind === 'decided')

/** Sends a command whose thread gets these messages; resolves with the exit code and what was printed. */
async function send(messages: readonly (typeof request)[]): Promise<{ code: number; printed: string }> {
  const type = await openTerminal(async (adapter, { thread }) => {
    for (const message of messages) if (message !== undefined) await adapter.post(thread, message)
  })
  const { code, lines } = await type('shell x', AbortSignal.timeout(10_000))
  return { code, printed: lines.join('\n') }
}

test('a request is printed with all its facts, once, and the run goes on after its approval', async () => {
  const { code, printed } = await send([request, request, approved, endedWith('fine')])
  expect(code).toBe(0)
  expect(printed.match(/^Requested by: "Alice" \(alice@example\.com, slack:user\/T0HOME\/U0ALICE\)$/gm)).toHaveLength(2)
  expect(printed.match(/^Needs approval: cat \/host\/x x \| head on node\/node001$/gm)).toHaveLength(1)
  expect(printed).toContain('Your request was approved')
})

test('a request that is denied ends the command, as a refusal does; what else is posted in its thread does not', async () => {
  const others = cards.filter(({ kind }) => kind === 'glass-broken' || kind === 'standing-use' || kind === 'decided')
  const denied = cards.find((card) => card.kind === 'asking' && card.state === 'denied')
  expect(others).toHaveLength(4)
  expect((await send([request, ...others, denied])).code).toBe(4)
})

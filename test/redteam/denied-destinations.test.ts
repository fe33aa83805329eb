import { expect, test } from '@jest/globals'
import { decideDestination, nameAll } from './decide-destination.ts'
import { addressesByName, type DestinationCase, deniedCases } from './denied-destinations.ts'
import { harmlessCases } from './harmless-destinations.ts'

const toWords = (words: DestinationCase['words']) => (typeof words === 'string' ? words.split(' ') : words)
const title = ({ words }: Pick<DestinationCase, 'words'>) => JSON.stringify(words).slice(0, 120)

async function toAddresses(name: string): Promise<readonly string[]> {
  if (name === 'unknown.example') throw new Error('SERVFAIL')
  return addressesByName[name] ?? []
}

test.each(deniedCases.map((each) => [title(each), each] as const))('T12 denied: %s', async (_title, each) => {
  const { decision } = await decideDestination(toWords(each.words), toAddresses, each.named ? nameAll : undefined)
  const reasons = each.named ? ['destination'] : ['destination', 'special-argument']
  expect(decision).toMatchObject({ effect: 'deny' })
  expect(reasons).toContain('reason' in decision ? decision.reason : '')
})

test.each(harmlessCases.map((words) => [title({ words }), words] as const))(
  'T12 allowed: %s',
  async (_title, words) => {
    expect((await decideDestination(toWords(words), toAddresses)).decision).toMatchObject({ effect: 'allow' })
  },
)

test('T12 there are enough cases: 220 notations that are denied, 40 commands that stay allowed', () => {
  expect(deniedCases.length).toBeGreaterThanOrEqual(220)
  expect(harmlessCases.length).toBeGreaterThanOrEqual(40)
})

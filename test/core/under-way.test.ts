import { expect, test } from '@jest/globals'
import { openUnderWay } from '#core/under-way'

const after = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

test('what is under way is waited for, failures too', async () => {
  const { watched, settled } = openUnderWay()
  const ended: string[] = []
  const work = watched(async (name: string, milliseconds: number) => {
    await after(milliseconds)
    ended.push(name)
    if (name === 'fails') throw new Error('as planned')
  })
  void work('one', 60)
  const failing = work('fails', 30)
  await settled(5_000)
  expect(ended).toEqual(['fails', 'one'])
  await expect(failing).rejects.toThrow('as planned')
})

test('what never ends is waited for only so long', async () => {
  const { watched, settled } = openUnderWay()
  const work = watched(() => new Promise<void>(() => undefined))
  void work()
  await settled(30)
})

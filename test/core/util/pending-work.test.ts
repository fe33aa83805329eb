import { expect, test } from '@jest/globals'
import { trackPendingWork } from '#core/util/pending-work'
import { sharedTimeout } from '#core/util/timeout'

const after = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

test('pending work is waited for, including work that fails', async () => {
  const { watched, settled } = trackPendingWork()
  const ended: string[] = []
  const work = watched(async (name: string, milliseconds: number) => {
    await after(milliseconds)
    ended.push(name)
    if (name === 'fails') throw new Error('as planned')
  })
  void work('one', 60)
  const failing = work('fails', 30)
  await settled()
  expect(ended).toEqual(['fails', 'one'])
  await expect(failing).rejects.toThrow('as planned')
})

test('work that never ends is waited for until the timeout only, by all waits together', async () => {
  const { watched, settled } = trackPendingWork()
  const work = watched(() => new Promise<void>(() => undefined))
  void work()
  const limit = sharedTimeout(200)
  await limit(settled())
  const second = limit(settled()).then(() => 'the second wait')
  expect(await Promise.race([after(150).then(() => 'a later timer'), second])).toBe('the second wait')
})

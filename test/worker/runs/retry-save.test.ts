import { expect, test } from '@jest/globals'
import { retrySave } from '#src/worker/runs/retry-save'
import { openContexts } from '#test/samples/contexts'

test('a save is repeated until the store takes it, and logged once', async () => {
  const { worker, lines } = openContexts()
  let calls = 0
  const save = async () => {
    calls += 1
    if (calls < 4) throw new Error('away')
    return 'saved'
  }
  expect(await retrySave(worker, { id: 'r1' }, save)).toBe('saved')
  expect(calls).toBe(4)
  expect(lines('warn')).toEqual(['output or a result could not be saved; retrying until it can'])
})

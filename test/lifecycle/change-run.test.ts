import { expect, test } from '@jest/globals'
import type { Run } from '#core/runs/run'
import { decideOnRun } from '#src/lifecycle/change-run'
import { sampleRun } from '#test/samples/run'

const run = sampleRun({})

test('what was found on the state that is saved counts', async () => {
  const changeRun = async (_id: string, change: (now: Run) => Run | undefined) => {
    change({ ...run, state: 'running' })
    return change(run) ?? run
  }
  const decided = await decideOnRun({ changeRun }, run.id, (now) => ({ next: undefined, found: now.state }))
  expect(decided).toEqual({ run, found: run.state })
})

test('a changed run and a missing one are told apart, and nothing is found on them', async () => {
  const decide = (answer: 'broken' | undefined) =>
    decideOnRun({ changeRun: async () => answer }, run.id, (now) => ({ next: now, found: 1 }))
  expect(await decide('broken')).toBe('broken')
  expect(await decide(undefined)).toBeUndefined()
})

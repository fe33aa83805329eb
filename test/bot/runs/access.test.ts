import { expect, test } from '@jest/globals'
import { canManageRun, runChanged, runNotFound } from '#src/bot/runs/access'
import { sampleRun } from '#test/samples/run'

const person = (id: string) => ({ id, name: 'Carol', groups: [] })

test('a run belongs to its requester, whatever others are called or grouped', () => {
  expect(canManageRun(person('carol@example.com'), sampleRun())).toBe(true)
  expect(canManageRun(person('mallory@example.com'), sampleRun())).toBe(false)
  expect(canManageRun({ ...person('dave@example.com'), groups: ['carol@example.com'] }, sampleRun())).toBe(false)
})

test('the refusals name the run, and repeat the command', () => {
  expect(runNotFound('show r1', 'r1')).toMatchObject({ kind: 'refused', typed: 'show r1' })
  expect(runChanged('show r1', 'r1')).toMatchObject({ kind: 'refused', message: expect.stringContaining('Run r1') })
})

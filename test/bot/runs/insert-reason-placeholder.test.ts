import { expect, test } from '@jest/globals'
import { withReason } from '#src/bot/runs/insert-reason-placeholder'

test.each([
  ['shell node001 dig x', 'shell --reason "…" node001 dig x'],
  ['  shell -l shell dig x', '  shell --reason "…" -l shell dig x'],
  ['shellfish', 'shellfish'],
])('the reason is put behind the first word: %s', (typed, suggested) => {
  expect(withReason(typed)).toBe(suggested)
})

import { expect, test } from '@jest/globals'
import { endText } from '#core/messages/end-text'
import { withNothingFound } from '#core/runs/nothing-found'
import type { End } from '#core/runs/run'

const end = (exitCode: number): End => ({
  reason: exitCode === 0 ? 'completed' : 'failed',
  at: '2026-11-28T00:00:00Z',
  exitCode,
  complete: true,
})

test.each([
  ['ip -br addr | grep nosuch', 1, 'Nothing found, exit code 1,'],
  ['grep nosuch', 1, 'Nothing found, exit code 1,'],
  ['chroot /host grep nosuch', 1, 'Nothing found, exit code 1,'],
  ['pgrep nosuch', 1, 'Nothing found, exit code 1,'],
  ['grep nosuch', 2, 'Failed, exit code 2,'],
  ['grep x | wc -l', 1, 'Failed, exit code 1,'],
  ['curl grep', 1, 'Failed, exit code 1,'],
  ['grep x', 0, 'Done, exit code 0,'],
])('%s with %d: %s', (line, code, text) => {
  const pipeline = line.split(' | ').map((stage) => ({ argv: stage.split(' ') }))
  expect(endText(withNothingFound(end(code), pipeline))).toBe(text)
})

import { expect, test } from '@jest/globals'
import { seed } from './secrets/figures.ts'
import { lookAlikes, toolLines } from './secrets/harmless.ts'
import { changedLines, measureRecall, secretTexts } from './secrets/measure.ts'

// Before the patterns knew more than passwords and a few vendors, 466 of 2,508 texts and 20 of 281 kinds were hidden, and 41 of 666 harmless lines were
// changed. Only add to the lists.

const list = (texts: readonly string[]) => texts.slice(0, 200).join('\n')

test('T25 at least 95 of 100 kinds of secrets, and of texts with secrets, are hidden', () => {
  const { texts, hidden, kinds, hiddenKinds, missed } = measureRecall(secretTexts(seed))
  const missedTexts = list(missed.map(({ kind, text }) => `${kind}: ${text}`))
  expect(missedTexts).toBe(hidden >= 0.95 * texts && hiddenKinds >= 0.95 * kinds ? missedTexts : '')
})

test('T25 of harmless lines, at most 5 of 1,000 are changed', () => {
  const lines = [...lookAlikes(), ...toolLines()]
  const changed = changedLines(lines)
  expect(list(changed)).toBe(changed.length <= 0.005 * lines.length ? list(changed) : '')
})

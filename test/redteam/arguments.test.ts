import { expect, test } from '@jest/globals'
import { hiddenArguments } from './hidden-arguments.ts'
import { judgeLine } from './judge-line.ts'
import { ordinaryLines } from './ordinary-lines.ts'

test('there are enough cases to stand for their kinds', () => {
  expect(ordinaryLines.length).toBeGreaterThan(150)
  expect(hiddenArguments.length).toBeGreaterThan(250)
})

// An argument that opens a file, runs a program or changes something is found in every form that the tool accepts.
test.each([...hiddenArguments, ...ordinaryLines])('T10 $line: $expect', (each) => {
  expect(judgeLine(each)).toBe(each.expect)
})

import { expect, test } from '@jest/globals'
import { hiddenArguments } from './hidden-arguments.ts'
import { hiddenArgumentsByTool } from './hidden-arguments-by-tool.ts'
import { judgeLine } from './judge-line.ts'
import { ordinaryLines } from './ordinary-lines.ts'

const hidden = [...hiddenArguments, ...hiddenArgumentsByTool]

test('there are enough cases of each kind', () => {
  expect(ordinaryLines.length).toBeGreaterThan(150)
  expect(hidden.length).toBeGreaterThan(250)
})

// An argument that opens a file, runs a program or changes something is found in every form that the tool accepts.
test.each([...hidden, ...ordinaryLines])('T10 $line: $expect', (each) => {
  expect(judgeLine(each)).toBe(each.expect)
})

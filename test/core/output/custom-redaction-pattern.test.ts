import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compileOwnerPattern } from '#core/output/custom-redaction-pattern'

function hide(source: string, line: string): string {
  const pattern = compileOwnerPattern(source)
  if ('mistake' in pattern) throw new Error(pattern.mistake)
  return pattern.hide(line, '#')
}

test.each([
  ['ACME-[0-9]{8}', 'an ACME-12345678 and ACME-87654321.', 'an # and #.'],
  ['tok_\\w+', 'tok_a tok_b', '# #'],
  ['key:\\s*\\S+', 'key:\u00a0\u3000value end', '# end'],
  ['[\\s,]x', 'a\u00a0x,x', 'a##'],
  ['\\p{Lu}{3}', 'aÄÖÜb', 'a#b'],
  ['\\u00e4+', 'xäääx', 'x#x'],
  ['(?<name>a)b', 'ab', '#'],
  ['x*', 'axxa', 'a#a'],
  ['^a', 'aa', '#a'],
  ['a$', 'aa', 'a#'],
  ['\\bid=\\d+\\b', 'id=12 xid=3', '# xid=3'],
  ['\\/etc\\/\\w+', '/etc/shadow', '#'],
  ['a.*b|a', 'xa-b-a', 'x#-#'],
  ['[^]', 'ab', '##'],
  ['(?i)secret', 'SeCrEt', '#'],
])('T25 %s hides in %j', (source, line, hidden) => {
  expect(hide(source, line)).toBe(hidden)
})

test.each([
  ['(?=a)', 'looks ahead or back at "(?="'],
  ['(?!a)b', 'looks ahead or back at "(?!"'],
  ['(?<!a)b', 'looks ahead or back at "(?<!a)b"'],
  ['(a)\\1', 'is no regular expression at "\\1"'],
  ['(?<n>a)\\k<n>', 'refers back to a group'],
  ['(', 'is no regular expression'],
  ['[a', 'is no regular expression'],
  ['(?:a{1000}){1000}', 'is no regular expression at "{1000}"'],
  ['[a-z]{1,1000}x', 'is too large'],
])('T43 %s is refused: it %s', (source, mistake) => {
  expect(compileOwnerPattern(source)).toEqual({ mistake: expect.stringContaining(mistake) })
})

test('T25 it hides what JavaScript’s own expressions hide', () => {
  const sources = [
    'ACME-[0-9]{3}',
    '\\w+-\\d',
    '[a-c]+',
    '(a|b)+c',
    'a.?b',
    '\\d{2,4}',
    '\\s+a',
    '-+a-*',
    '(ab|a)(c|bcd)',
  ]
  const line = fc.string({
    unit: fc.constantFrom('a', 'b', 'c', 'd', '1', '2', '-', ' ', '\u00a0', 'ACME-1', 'ä'),
    maxLength: 60,
  })
  fc.assert(
    fc.property(fc.constantFrom(...sources), line, (source, text) => {
      expect(hide(source, text)).toBe(text.replaceAll(new RegExp(source, 'g'), '#'))
    }),
    { numRuns: 2_000 },
  )
})

test('T43 where a long line has very many matches, all of its rest is hidden, and nothing of it is shown', () => {
  const line = 'id=1 and '.repeat(20_000)
  const hidden = hide('id=\\d', line)
  expect(hidden).toMatch(/^(# and )+##$/)
  expect(hidden.length).toBeLessThan(line.length / 10)
  // A line as programs write them has all of its matches.
  expect(hide('id=\\d', 'id=1 and '.repeat(90))).toBe('# and '.repeat(90))
})

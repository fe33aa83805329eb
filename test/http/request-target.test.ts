import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseRequestTarget } from '#src/http/request-target'

test.each([
  ['/', '/'],
  ['/slack/events', '/slack/events'],
  ['/runs/abcdefgh2345', '/runs/abcdefgh2345'],
  ['/runs/', '/runs/'],
  ['/a?b=c&d=%20e', '/a'],
  ['/a?', '/a'],
  ['/a?q=x/y?z', '/a'],
  ['/%C3%A4', '/%C3%A4'],
  ["/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@"],
])('%s is read', (target, path) => {
  expect(parseRequestTarget(target)?.path).toBe(path)
})

test.each([
  '',
  '*',
  'x',
  '//',
  '/a//b',
  '/./a',
  '/a/..',
  '/%2e%2e/a',
  '/%2E/a',
  '/a%2fb',
  '/a%5cb',
  '/%00',
  '/%0d%0a',
  '/%7f',
  '/%c2%85',
  '/%',
  '/%zz',
  '/%c0%ae',
  '/%ed%a0%80',
  '/a b',
  '/a\\b',
  '/a#b',
  '/ä',
  '/a?b=%zz',
  '/a?b="c"',
  'http://[',
  'http://localhost/',
  'https:/a',
  `/${'a'.repeat(3_000)}`,
])('T42 %j is refused', (target) => {
  expect(parseRequestTarget(target)).toBeUndefined()
})

test('T42 what is read is the path that every other parser reads', () => {
  const unit = fc.constantFrom(
    '/',
    '.',
    'a',
    '%2e',
    '%2f',
    '%41',
    '?',
    '#',
    ':',
    '@',
    '\\',
    '[',
    '%',
    ' ',
    '\u00e4',
    ';',
    '=',
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20 }), (text) => {
      const parsed = parseRequestTarget(`/${text}`)
      if (parsed === undefined) return
      expect(new URL(`/${text}`, 'http://localhost').pathname).toBe(parsed.path)
    }),
    { numRuns: 5_000 },
  )
})

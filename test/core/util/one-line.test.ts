import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { idText, personText } from '#core/people/person-text'
import { isVisible, oneLine, quoteLine } from '#core/util/one-line'
import { anyText } from '#test/samples/hostile-text'

test.each([
  ['Alice', 'Alice'],
  ['  Alice \n\t Smith ', 'Alice Smith'],
  ['Zoë Ångström 山田 太郎 Ольга', 'Zoë Ångström 山田 太郎 Ольга'],
  ['हिन्दी ภาษาไทย', 'हिन्दी ภาษาไทย'],
  ['e\u0301\u0301\u0301\u0301', 'é\u0301\u0301'],
  ['\u0301"\u0301', '"'],
  ['a\u202eb\u2066c\u200bd\u2060e\ufefff', 'abcdef'],
  ['a\u2028b\u2029c\u0085d', 'a b c d'],
  ['\u{e0041}\u{e0042}', ''],
  ['\ud800x', 'x'],
  ['\u2800\u3164', ''],
])('a text is reduced to one line without anything unseen: row %#', (text, line) => {
  expect(oneLine(text, 100)).toBe(line)
})

test('what is left out is counted, without blanks at its end', () => {
  expect(oneLine('abcdef', 3)).toBe('abc… (3 more characters)')
  expect(oneLine('abcd \n', 3)).toBe('abc… (1 more character)')
  expect(quoteLine('x'.repeat(1_234), 10)).toBe(`"${'x'.repeat(10)}…" (1,224 more characters)`)
  expect(oneLine('abc  ', 3)).toBe('abc')
})

test('T48 a quoted text can’t end its quotation', () => {
  expect(quoteLine('a" b “c” ″d″ ＂e＂', 100)).toBe(`"a' b 'c' 'd' 'e'"`)
})

test('T48 a text is in one line, and what it becomes doesn’t change any more, whatever it is', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 80 }), (text, most) => {
      const line = oneLine(text, most)
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u)
      expect(oneLine(line, 10_000)).toBe(line)
      expect(isVisible(text)).toBe(line !== '')
    }),
  )
})

test('a person has the name that they chose in quotation marks, and stable ids behind it', () => {
  const account = { platform: 'slack', team: 'T1', user: 'U1' } as const
  const bob = { id: 'bob@example.com', name: 'Bob "the boss"' }
  expect(personText(bob)).toBe(`"Bob 'the boss'" (bob@example.com)`)
  expect(personText(bob, account)).toBe(`"Bob 'the boss'" (bob@example.com, slack:user/T1/U1)`)
  expect(personText({ id: 'slack:user/T1/U1', name: '' }, account)).toBe('"" (slack:user/T1/U1)')
})

test('an id shows letters that only look like others', () => {
  expect(idText('аlice@example.com')).toBe('\\u{430}lice@example.com')
  expect(idText('a b)\n')).toBe('a\\u{20}b\\u{29}\\u{a}')
})

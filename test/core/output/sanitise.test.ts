import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sanitise } from '#core/output/sanitise'

const esc = '\u001b'

test.each([
  ['a terminal title', `${esc}]0;owned\u0007`, '␛]0;owned␇'],
  ['cursor moves', `a${esc}[2J${esc}[1;1Hb`, 'a␛[2J␛[1;1Hb'],
  ['an OSC 8 link', `${esc}]8;;http://evil${esc}\\click${esc}]8;;${esc}\\`, '␛]8;;http://evil␛\\click␛]8;;␛\\'],
  ['OSC 52, the clipboard', `${esc}]52;c;ZXZpbA==\u0007`, '␛]52;c;ZXZpbA==␇'],
  ['NUL', 'a\u0000b', 'a␀b'],
  ['a right-to-left override', 'a\u202egnp.exe', 'a⟨U+202E⟩gnp.exe'],
  ['an 8-bit control sequence introducer', 'a\u009b2Jb', 'a⟨U+009B⟩2Jb'],
  ['a zero-width space', 'a\u200bb', 'a⟨U+200B⟩b'],
  ['tag characters', 'a\u{e0041}b', 'a⟨U+E0041⟩b'],
  ['DEL and backspace', 'rm\u0008\u007f', 'rm␈␡'],
  ['colours, which are removed', `${esc}[1;31mred${esc}[0m`, 'red'],
  ['a colour split by a colour', `${esc}${esc}[0m[2J`, '␛[2J'],
  ['Windows line ends', 'a\r\nb\r\n', 'a\nb\n'],
  ['a progress bar', '10%\r20%\r', '10%\n20%\n'],
  ['plain text, tabs, emoji and Arabic', 'a\tb 👩‍👩‍👧 مرحبا\n', 'a\tb 👩‍👩‍👧 مرحبا\n'],
])('T23 output with %s is visible and harmless', (_name, raw, shown) => {
  expect(sanitise(raw)).toBe(shown)
})

test('T23 no control character but tab and newline is left in any text', () => {
  const nasty = fc.string({
    unit: fc.oneof(
      fc.constantFrom(esc, '[', ']', '0', 'm', ';', '\r', '\n', '\u0000', '\u202e', '\u009b'),
      fc.string(),
    ),
  })
  fc.assert(
    fc.property(nasty, (raw) => {
      const shown = sanitise(raw)
      for (const character of shown) {
        const code = character.codePointAt(0) ?? 0
        expect(code >= 0x20 || character === '\n' || character === '\t').toBe(true)
        expect(code >= 0x7f && code <= 0x9f).toBe(false)
        expect([0x202e, 0x202d, 0x2066, 0x200b]).not.toContain(code)
      }
      expect(sanitise(shown)).toBe(shown)
    }),
  )
})

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
  ['the codes that grep puts around what it found', `${esc}[01;31m${esc}[Kred${esc}[m${esc}[K${esc}[0K`, 'red'],
  ['a soft hyphen and fillers', 'a\u00adb\u3164c\uffa0d\u115f', 'a⟨U+00AD⟩b⟨U+3164⟩c⟨U+FFA0⟩d⟨U+115F⟩'],
  ['a grapheme joiner and a Mongolian separator', 'a\u034fb\u180ec', 'a⟨U+034F⟩b⟨U+180E⟩c'],
  ['joiners and styles outside of emoji', 'a\u200db\u200cc\ufe0fd\u{e0100}', 'a⟨U+200D⟩b⟨U+200C⟩c⟨U+FE0F⟩d⟨U+E0100⟩'],
  ['musical and shorthand controls', 'a\u{1d173}b\u{1bca0}', 'a⟨U+1D173⟩b⟨U+1BCA0⟩'],
  ['Windows line ends', 'a\r\nb\r\n', 'a\nb\n'],
  ['a progress bar', '10%\r20%\r', '10%\n20%\n'],
  ['plain text, tabs, emoji and Arabic', 'a\tb 👩‍👩‍👧 👩🏽‍💻 ❤️‍🔥 مرحبا\n', 'a\tb 👩‍👩‍👧 👩🏽‍💻 ❤️‍🔥 مرحبا\n'],
])('T23 output with %s is visible and harmless', (_name, raw, shown) => {
  expect(sanitise(raw)).toBe(shown)
})

test('T23 no character that can be ignored is left, but for those within emoji', () => {
  const ignorable = Array.from({ length: 0x110000 }, (_each, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((character) => /^\p{Default_Ignorable_Code_Point}$/u.test(character))
  expect(ignorable.length).toBeGreaterThan(4_000)
  expect(ignorable.filter((character) => sanitise(`a${character}b`).includes(character))).toEqual([])
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

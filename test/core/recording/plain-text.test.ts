import { expect, test } from '@jest/globals'
import { createPlainText } from '#core/recording/plain-text'

/** Returns the text of output that comes in pieces of one character. */
function textOf(output: string): string {
  const plain = createPlainText()
  return [...output].map((each) => plain.add(each)).join('') + plain.end()
}

test('colours, titles, links and sequences cut anywhere are left out', () => {
  expect(textOf('\u001b[1;31mred\u001b[0m\r\n')).toBe('red\n')
  expect(textOf('\u001b]0;title\u0007a\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\\n')).toBe('alink\n')
  expect(textOf('\u001bP1$r\u001b\\b\u001b(B\n')).toBe('b\n')
})

test('backspace and carriage return go back, and erase what is overwritten', () => {
  expect(textOf('abx\b \b\bc\r\n')).toBe('ac\n')
  expect(textOf('10 %\r100 %\n')).toBe('100 %\n')
  expect(textOf('secret\r\u001b[Kid\n')).toBe('id\n')
})

test('a line without an end is ended, and one of many characters is bounded', () => {
  expect(textOf('$ ')).toBe('$\n')
  expect(
    textOf('x'.repeat(25_000))
      .split('\n')
      .map(({ length }) => length),
  ).toEqual([10_000, 10_000, 5_000, 0])
})

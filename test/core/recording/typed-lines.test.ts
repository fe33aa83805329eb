import { expect, test } from '@jest/globals'
import { createTypedLines } from '#core/recording/typed-lines'

/** Types and prints in turn: `<text` is typed, `>text` printed, `+ms` passes, `*` is a password prompt, `.` none. */
function linesOf(...steps: readonly string[]): string[] {
  const lines = createTypedLines()
  let at = 0
  return steps.flatMap((step) => {
    const [kind, text] = [step[0], step.slice(1)]
    if (kind === '<') lines.typed(text, at)
    if (kind === '*') lines.settings({ echo: false, canonical: true })
    if (kind === '.') lines.settings({ echo: false, canonical: false })
    if (kind === '+') at += Number(text)
    return kind === '>' ? lines.printed(text, at) : []
  })
}

test('a line is recorded as it was echoed, character by character or at once', () => {
  expect(linesOf('<l', '>l', '<s', '>s', '<\r', '>\r\n$ ')).toEqual(['ls'])
  expect(linesOf('<ls -l é😀\r', '>ls -l é😀\r\n')).toEqual(['ls -l é😀'])
  expect(linesOf('<one\rtwo\r', '>one\r\n', '>$ ', '+1', '>\u001b[1mtwo\u001b[0m\r\n')).toEqual(['one'])
  expect(linesOf('<one\r', '>one\r\n', '<two\r', '>\u001b[1mtwo\u001b[0m\r\n')).toEqual(['one', 'two'])
})

test('backspace and Ctrl-U are followed; after Tab and arrows a line is recorded as far as it was typed', () => {
  expect(linesOf('<lx', '>lx', '<\u007f', '>\b \b', '<s', '>s', '<\r', '>\r\n')).toEqual(['ls'])
  expect(linesOf('<secret', '>secret', '<\u0015', '>\r\u001b[K', '<id', '>id', '<\r', '>\r\n')).toEqual(['id'])
  expect(linesOf('<cat /et', '>cat /et', '<\t', '>c/', '<hosts', '>hosts', '<\r', '>\r\n')).toEqual(['cat /et'])
})

test('T51 a password is never recorded: at its prompt, in raw mode without echo, with stars, typed ahead', () => {
  expect(linesOf('*', '<hunter2\r', '>\r\n', '>hunter2\r\n')).toEqual([])
  expect(linesOf('.', '<hunter2\r', '>\r\n', '>hunter2\r\n')).toEqual([])
  expect(linesOf('.', '<h', '>*', '<u', '>*', '<n', '>*', '<\r', '>\r\n')).toEqual([])
  expect(linesOf('<hunter2', '*', '<\r', '>\r\nhunter2\r\n')).toEqual([])
})

test('T51 what is echoed after a second, or after other text, is not recorded', () => {
  expect(linesOf('<hunter2', '+1001', '>hunter2', '<\r', '>\r\n')).toEqual([])
  expect(linesOf('<hunter2', '>\r\nYou typed: hunter2', '<\r', '>\r\n')).toEqual([])
})

test('a program that never prints a line end keeps no lines', () => {
  expect(linesOf('<id', '>id', '<\r', '+1001', '>\u001b[2Jx')).toEqual(['id'])
})

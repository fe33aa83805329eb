import { expect, test } from '@jest/globals'

const { cleanPaste, whyAsk, withControl } = (await import(
  new URL('../../src/web/terminal/page/paste-and-keys.js', import.meta.url).href
)) as {
  cleanPaste: (text: string) => string
  whyAsk: (text: string) => string | undefined
  withControl: (char: string) => string
}

test('T51 a pasted text has no control bytes but tab and Enter', () => {
  const all = Array.from({ length: 256 }, (_each, code) => String.fromCharCode(code)).join('')
  expect(cleanPaste(`${all}é€😀`)).toMatch(/^\t\r\r [ -~]+[\u00a0-\u00ff]+é€😀$/)
  expect(cleanPaste('a\r\nb\nc\u001b[201~\u009b1m')).toBe('a\rb\rc[201~1m')
})

test('T51 several lines, or more than 1 KB, are asked for first', () => {
  expect(whyAsk('ls -l')).toBeUndefined()
  expect(whyAsk('ls\r')).toBe('Type 1 line into the shell?')
  expect(whyAsk('ls\rid\r')).toBe('Type 2 lines into the shell?')
  expect(whyAsk('x'.repeat(1_025))).toBe('Type 1025 characters into the shell?')
})

test('Ctrl with a character types its control byte', () => {
  expect(['c', 'C', '[', '1'].map(withControl)).toEqual(['\u0003', '\u0003', '\u001b', '1'])
})

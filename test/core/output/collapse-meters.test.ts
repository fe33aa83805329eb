import { expect, test } from '@jest/globals'
import { collapseMeters } from '#core/output/collapse-meters'
import { createTranscript } from '#core/output/transcript-builder'

const curl = [
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current',
  '                                 Dload  Upload   Total   Spent    Left  Speed',
  [
    '',
    '  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0',
    '  0     0    0     0    0     0      0      0 --:--:--  0:00:01 --:--:--     0',
    ' 12 1048k   12  128k    0     0   100k      0  0:00:10  0:00:02  0:00:08  100k',
    '100 1048k  100 1048k    0     0   350k      0  0:00:03  0:00:03 --:--:--  350k',
  ].join('\r'),
  '',
].join('\n')

test('of a progress meter the last state is left', () => {
  const lines = collapseMeters(curl).split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[2]).toBe('100 1048k  100 1048k    0     0   350k      0  0:00:03  0:00:03 --:--:--  350k')
})

test.each([
  ['1234 bytes (1.2 kB) copied, 1 s\r99999 bytes (98 kB) copied, 2 s', '99999 bytes (98 kB) copied, 2 s'],
  ['[=>   ] 10%\r[===> ] 60%\r\n', '[===> ] 60%\r\n'],
  ['10\r20\r', '20\r'],
  ['removed /etc\rok', 'removed /etc\rok'],
  ['10 files removed\r10 files kept', '10 files removed\r10 files kept'],
  ['a\r\nb\r\n', 'a\r\nb\r\n'],
  ['1\n2\n', '1\n2\n'],
])('%j becomes %j', (text, expected) => {
  expect(collapseMeters(text)).toBe(expected)
})

test('a transcript shows the same, however the text arrives', () => {
  const shown = (size: number) => {
    const transcript = createTranscript()
    for (let at = 0; at < curl.length; at += size) transcript.add({ stream: 'stderr', text: curl.slice(at, at + size) })
    transcript.finish()
    return transcript.view(10_000).tail
  }
  expect(shown(1).split('\n')).toHaveLength(3)
  for (const size of [2, 7, 80, 10_000]) expect(shown(size)).toBe(shown(1))
})

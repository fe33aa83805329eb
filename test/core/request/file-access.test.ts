import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addFileAccess, readUnknown } from '#core/request/file-access'
import { plainReading, type Reading } from '#core/request/tool'
import { tooFastGrowth } from '#test/redteam/growth'

const accessOf = (path: string, walks?: Reading['walks'], on: 'node' | 'pod' = 'node') => {
  const reading = { ...plainReading(['cat', path]), ...(walks === undefined ? {} : { walks }) }
  const { needs, special } = addFileAccess('cat', reading, on)
  return [needs.host.filesystem, ...(needs.host.pid ? ['pid'] : []), ...special.map(({ name }) => name)].join(' ')
}

test.each([
  ['/etc/hostname', 'none'],
  ['/host/etc/hostname', 'read-only'],
  ['//host//etc', 'read-only'],
  ['/./host/etc', 'read-only'],
  ['/etc/../host/etc', 'read-only'],
  ['/hosts/x', 'none'],
  ['/constructor/__proto__', 'none'],
  ['/proc/1/status', 'none pid'],
  ['/proc/self/status', 'none'],
  ['/proc/1/environ', 'read-only pid cat /proc/PID'],
  ['/host/proc/1/environ', 'read-only pid'],
  ['/host/proc/1/root/x', 'read-only pid cat /proc/PID'],
  [`/a/${'../'.repeat(17)}x`, 'read-only pid cat /proc/PID'],
  [`/${'a/'.repeat(50)}${'../'.repeat(10)}x`, 'none'],
])('T45 %s needs %s', (path, expected) => {
  expect(accessOf(path)).toBe(expected)
})

test('T45 in a pod, files of processes need no access to the node, and files of the node do', () => {
  expect(accessOf('/proc/1/environ', undefined, 'pod')).toBe('none cat /proc/PID')
  expect(accessOf('/host/etc/hostname', undefined, 'pod')).toBe('read-only')
})

test('T45 whatever stands around a path of a process, it is found', () => {
  const path = fc.constantFrom(
    '/proc/1/environ',
    '//proc/./1//environ',
    '/proc/1/task/1/root/x',
    '/dev/fd/9',
    '/proc/*/mem',
  )
  const before = fc.constantFrom(
    '',
    '-f',
    '--file=',
    '@',
    'x=@',
    'file://',
    'OPEN:',
    'a,b:',
    '<',
    '"',
    '/etc/..',
    'if=',
  )
  const after = fc.constantFrom('', ',rdonly', ';type=x', '"', ' x', '/', '/.')
  fc.assert(
    fc.property(before, path, after, (head, middle, tail) => {
      expect(accessOf(head + middle + tail)).toContain('cat /proc/PID')
    }),
  )
})

test('T45 no word makes it throw', () => {
  const piece = fc.constantFrom(
    '/',
    '..',
    '.',
    'proc',
    '1',
    'self',
    'task',
    'root',
    'host',
    'fd',
    '%2f',
    '-',
    '{',
    '*',
    '__proto__',
  )
  fc.assert(
    fc.property(fc.array(fc.array(piece).map((pieces) => pieces.join(''))), (words) => {
      readUnknown(['x', ...words], 'node')
    }),
  )
})

test.each([
  ['slashes', (count: number) => ['-'.concat('/a'.repeat(count))]],
  ['dots', (count: number) => ['/proc/'.concat('../x/'.repeat(count))]],
  ['separators', (count: number) => ['=/a,'.repeat(count)]],
  ['words', (count: number) => Array.from({ length: count }, () => '/proc/1/x')],
])('T45 the time that %s take grows with their number, not faster', (_, make) => {
  const read = (count: number) => {
    const words = ['x', ...make(count)]
    return () => void readUnknown(words, 'node')
  }
  expect(tooFastGrowth(read, { from: 1_000, to: 8_000 })).toBeUndefined()
})

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { checkArguments, readArguments, reading, special, specialChange, valuesOf } from '#src/tools/kit/arguments'

const table = [
  ...reading('-n,--numeric -v,--verbose -L,--list[=] -t,--table= --arg== --list-rules -i='),
  ...specialChange('writes a file', '-o,--output= --output-dir='),
  ...special('reads a file', '-f,--file='),
]

const shortly = (typed: string) => {
  const given = readArguments(typed.split(' '), table)
  const { effect, special: found } = checkArguments('x', given)
  return [effect, ...found.map(({ name }) => name), ...given.operands].join(' ')
}

test.each([
  ['-nv a', 'read a'],
  ['-nvoFILE a', 'write x -o a'],
  ['-nvo FILE a', 'write x -o a'],
  ['a -o FILE', 'write x -o a'],
  ['--output=FILE', 'write x -o'],
  ['--output FILE a', 'write x -o a'],
  ['--outp FILE', 'write x -o x --output-dir FILE'],
  ['--output-d FILE', 'write x --output-dir'],
  ['--fi FILE', 'read x -f'],
  ['--num a', 'read a'],
  ['--lis a', 'read a'],
  ['-- -o FILE', 'read -o FILE'],
  ['- a', 'read - a'],
  ['-z a', 'write x -z a'],
  ['-zo FILE', 'write x -o x -z'],
  ['--unknown a', 'write x --unknown a'],
  ['--unknown -o FILE', 'write x -o x --unknown'],
  ['-t nat a', 'read a'],
  ['-tnat a', 'read a'],
  ['--arg name value a', 'read a'],
  ['-LINPUT a', 'read a'],
  ['-t -o FILE', 'write x -o FILE'],
])('T10 options are found in every notation: %s', (line, expected) => {
  expect(shortly(line)).toBe(expected)
})

test('values are returned under every name of their option', () => {
  const given = readArguments(['-tnat', '--table=raw', '--table', 'mangle', '--tab', 'filter'], table)
  expect(valuesOf(given, '-t')).toEqual(['nat', 'raw', 'mangle', 'filter'])
  expect(given.operands).toEqual([])
})

test('a tool with strict option values may get a value that looks like an option', () => {
  const given = readArguments(['-t', '-o'], table, { sureOfValues: true })
  expect(checkArguments('x', given)).toEqual({ effect: 'read', special: [], sendsInput: false })
})

test('T10 an option that writes is never classified as harmless, whatever the other arguments', () => {
  const harmless = fc.constantFrom('-n', '-v', '-nv', '--numeric', '--list', 'a', '-t', 'nat', '-i', '-L', '--arg')
  const writing = fc.constantFrom('-oF', '-nvoF', '--output=F', '--outp=F', '--output-dir=F', '-vo')
  fc.assert(
    fc.property(fc.array(harmless), writing, fc.array(harmless), (before, option, after) => {
      expect(checkArguments('x', readArguments([...before, option, ...after], table)).effect).toBe('write')
    }),
  )
})

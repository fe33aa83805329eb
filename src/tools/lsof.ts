import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { processNeeds, toReading } from './kit/reading.ts'

// Source: lsof(8) 4.95. Its options may be joined to their value, and `+` begins some of them.
const lsofOptions = [
  ...reading('-? -h -a -b -C -E -H -l -n -N -O -P -R -t -U -v -V -w -X -x[=] -Z[=] -A= -c= -d= -e= -f[=] -F[=] -g[=]'),
  ...reading('-i[=] -K[=] -L[=] -o[=] -p= -s[=] -S[=] -T[=] -u= -M -Q'),
  ...special('looks again and again', '-r[=]'),
  ...specialChange('writes a cache file', '-D='),
  ...special('reads files', '-k= -m='),
]

export const lsof: Tool = {
  name: 'lsof',
  about: 'Which process has which file or socket open?',
  examples: ['lsof -nP -i :443', 'lsof -nP -p 1'],
  hints: [notInImage],
  read: (argv, on) => {
    const words = argv.slice(1).filter((word) => !/^\+[cfLw]\d*$/.test(word))
    const given = readArguments(words, lsofOptions)
    const unknown = given.operands.some((word) => word.startsWith('+'))
    const judged = checkArguments('lsof', given)
    const effect = unknown ? 'write' : judged.effect
    const needs: Needs = on === 'node' ? { ...processNeeds, effect } : { ...noNeeds, effect }
    return toReading(argv, { needs, special: judged.special })
  },
}

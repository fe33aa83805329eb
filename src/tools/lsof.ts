import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { changing, checkArguments, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { processNeeds, toReading, unnamedPrograms } from './kit/reading-and-needs.ts'

// Source: lsof(8) 4.95. Its options may be followed by their value in the same argument, and some begin with `+`.
const lsofOptions = [
  ...reading('+c= +E +f[=] +L[=] +M +w'),
  ...changing('+d= +D= +e= +m[=]'),
  ...special('looks again and again', '+r[=]'),
  ...reading('-? -h -a -b -C -E -H -l -n -N -O -P -R -t -U -v -V -w -X -x[=] -Z[=] -c= -d= -e= -f[=] -F[=] -g[=]'),
  ...reading('-i[=] -K[=] -L[=] -o[=] -p= -s[=] -S[=] -T[=] -u= -M -Q'),
  ...special('repeats without end', '-r[=]'),
  ...specialChange('writes a cache file', '-D='),
  ...special('reads files', '-k= -m= -A='),
]

export const lsof: Tool = {
  name: 'lsof',
  about: 'Which process has which file or socket open?',
  examples: ['lsof -nP -i :443', 'lsof -nP -p 1'],
  hints: [notInImage],
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), lsofOptions, { plus: true })
    const checked = checkArguments('lsof', given)
    const { effect } = checked
    const needs: Needs = on === 'node' ? { ...processNeeds, effect } : { ...noNeeds, effect }
    return toReading(argv, { needs, notes: on === 'node' ? [unnamedPrograms] : [], special: checked.special })
  },
}

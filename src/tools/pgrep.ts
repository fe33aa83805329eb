import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading, special } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { tableNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: pgrep(1) of procps-ng 4.
const options = [
  ...reading('-d,--delimiter= -l,--list-name -a,--list-full -v,--inverse -w,--lightweight -c,--count -f,--full'),
  ...reading(
    '-g,--pgroup= -G,--group= -i,--ignore-case -n,--newest -o,--oldest -O,--older= -P,--parent= -s,--session=',
  ),
  ...reading(
    '-t,--terminal= -u,--euid= -U,--uid= -x,--exact -L,--logpidfile -r,--runstates= --ns= --nslist= -h,--help',
  ),
  ...reading('-A,--ignore-ancestors --cgroup= -V,--version'),
  ...special('reads a file', '-F,--pidfile='),
  ...special('looks at the environment of processes', '--env='),
]

export const pgrep: Tool = {
  name: 'pgrep',
  about: 'Which processes have this name?',
  examples: ['pgrep -a kubelet', 'pgrep -c .'],
  hints: [notInImage],
  read: (argv, on) => {
    const { effect, special: named } = checkArguments('pgrep', readArguments(argv.slice(1), options))
    return toReading(argv, { needs: tableNeeds(effect, on), special: named })
  },
}

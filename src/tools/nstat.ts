import type { Tool } from '#core/request/tool'
import { changing, checkArguments, isGiven, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: nstat(8) and misc/nstat.c of iproute2 6.1.
const options = [
  ...reading(
    '-h,--help -V,--version -a,--ignore -s,--noupdate -z,--zeros -e,--errors -n,--nooutput -j,--json -p,--pretty',
  ),
  ...reading('-t,--interval='),
  ...changing('-d,--scan= -r,--reset'),
]

export const nstat: Tool = {
  name: 'nstat',
  about: 'What does the kernel count: retransmissions, drops, overflows?',
  examples: ['nstat -az', "nstat -az 'TcpExtListen*'"],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('nstat', given)
    // Without both, nstat shows the difference to a file of its last run, and writes that file.
    const missing = ['-a', '-s'].filter((name) => !isGiven(given, name))
    const isBounded = missing.length === 0 || isGiven(given, '-h', '-V', '-d', '-r')
    return toReading(isBounded ? argv : bounded(argv, ...missing), {
      needs: plainNeeds(checked.effect),
      notes: isBounded ? [] : [`${missing.join(' ')}: counters since the start, without a file of an earlier run`],
      special: checked.special,
    })
  },
}

import type { Tool } from '#core/request/tool'
import { changing, checkArguments, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/make-reading.ts'

// Source: nstat(8) of iproute2 6.1. Without -s it writes a file with the values that it showed.
const options = [
  ...reading('-h,--help -V,--version -z,--zeros -r,--reset -n,--nooutput -a,--ignore -s,--noupdate -j,--json'),
  ...reading('-p,--pretty -t,--interval='),
  ...changing('-d,--scan='),
]

export const nstat: Tool = {
  name: 'nstat',
  about: 'How often was a packet lost, refused or sent again?',
  examples: ['nstat -asz TcpRetransSegs TcpOutSegs', 'nstat -asz TcpExtListenOverflows'],
  hints: [notInImage],
  read: (argv) => {
    const checked = checkArguments('nstat', readArguments(argv.slice(1), options))
    return toReading(argv, { needs: plainNeeds(checked.effect), special: checked.special, opens: [] })
  },
}

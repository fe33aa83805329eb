import type { Tool } from '#core/request/tool'
import { noNameServer } from './dig.ts'
import { checkArguments, detour, findDetours, isGiven, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/reading-and-needs.ts'

// Source: host(1) and the getopt string of BIND 9.18.
const options = [
  ...reading('-4 -6 -a -A -c= -d -l -m= -N= -p= -r -R= -s -t= -T -U -v -V -w -W= -i -n -D -h'),
  ...detour('asks name servers that others name', '-C'),
]

export const host: Tool = {
  name: 'host',
  about: 'What does DNS answer, in short?',
  examples: ['host example.org', 'host -t SRV _https._tcp.kubernetes.default.svc.cluster.local', 'host 10.224.0.4'],
  hints: [noNameServer, notInImage],
  // The first name is the question, the second is the name server.
  reaches: (argv) => readArguments(argv.slice(1), options).operands.slice(1),
  hostNotation: 'server',
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('host', given, true)
    if (given.operands.length === 0 && !isGiven(given, '-V', '-h'))
      return refuse(argv, 'host needs a name or an address.', 'As in `host example.org`.')
    return toReading(argv, {
      needs: plainNeeds(checked.effect),
      opens: [],
      discloses: false,
      detours: findDetours('host', given),
    })
  },
}

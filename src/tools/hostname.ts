import type { Needs, Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: hostname(1) of Debian's hostname 3.23.
const options = [
  ...reading('-a,--alias -A,--all-fqdns -d,--domain -f,--fqdn,--long -i,--ip-address -I,--all-ip-addresses -s,--short'),
  ...reading('-y,--yp,--nis -v,--verbose -V,--version -h,--help'),
  ...specialChange('reads a file', '-F,--file= -b,--boot'),
]

export const hostname: Tool = {
  name: 'hostname',
  about: 'Which name and addresses does this host have?',
  examples: ['hostname', 'hostname -I'],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('hostname', given)
    const changes: Needs = { ...plainNeeds('write'), capabilities: ['SYS_ADMIN'], user: 'root' }
    const sets = checked.effect === 'write' || given.operands.length > 0
    return toReading(argv, { needs: sets ? changes : plainNeeds('read'), special: checked.special })
  },
}

import type { Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { checkArguments, readArguments, reading, special } from './kit/arguments.ts'
import { noChroot, notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: getent(1) of glibc 2.36.
const options = [
  ...reading('-i,--no-idn -A,--no-addrconfig -?,--help --usage -V,--version'),
  ...special('loads a library of that name', '-s,--service='),
]

/** Databases that ask name servers and the hosts file, which a pod on the node's network shares. */
const asksForHosts = /^(hosts|ahosts|ahostsv4|ahostsv6)$/

export const getent: Tool = {
  name: 'getent',
  about: 'What does a program get that looks up a name?',
  examples: ['getent hosts localhost', 'getent ahosts localhost'],
  hints: [noChroot, notInImage],
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), options, { stopAtOperand: true })
    const checked = checkArguments('getent', given)
    const [database = ''] = given.operands
    // Users, groups and services are in files, which are the node's own.
    if (on === 'pod' || database === '' || asksForHosts.test(database))
      return toReading(argv, { needs: plainNeeds(checked.effect), special: checked.special, opens: [] })
    return toReading(argv, {
      needs: { ...chrootNeeds, effect: checked.effect },
      viaChroot: true,
      special: checked.special,
      opens: [],
    })
  },
}

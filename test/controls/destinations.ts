import type { Control } from './control.ts'

const parsed = 'test/core/request/resolve-destinations.test.ts'
const read = 'test/core/request/read-host.test.ts'
const hostile = 'test/redteam/denied-destinations.test.ts'

/** Controls of the hosts that tools may not connect to. */
export const destinations: readonly Control[] = [
  {
    name: 'denied-unknown-hosts',
    why: 'T12: a word that stands for hosts which cannot be listed is refused where anything is denied',
    file: 'src/core/request/match-destination.ts',
    find: 'if (destination.many || destination.unresolved !== undefined) return true',
    replace: 'if (destination.unresolved !== undefined) return true',
    tests: [parsed],
  },
  {
    name: 'denied-failed-look-up',
    why: 'T12: a name that could not be looked up is refused where anything is denied',
    file: 'src/core/request/match-destination.ts',
    find: 'if (destination.many || destination.unresolved !== undefined) return true',
    replace: 'if (destination.many) return true',
    tests: [read, hostile],
  },
  {
    name: 'denied-not-looked-up',
    why: 'T12: a name that is not looked up, because there are too many or it failed, counts as not known',
    file: 'src/core/request/resolve-destinations.ts',
    find: 'each.names.find((name) => addressesByName.get(name) === undefined)',
    replace: 'each.names.find(() => false)',
    tests: [read, hostile],
  },
  {
    name: 'denied-mapped-address',
    why: 'T12: a denied IPv4 address is denied in its IPv6 forms too',
    file: 'src/core/request/address-bits.ts',
    find: 'return [bytes, ...embedded, ...client]',
    replace: 'return [bytes, ...embedded, ...client].slice(0, 1)',
    tests: [parsed],
  },
  {
    name: 'denied-by-look-up',
    why: 'T12: a name is looked up, and denied where its address is',
    file: 'src/core/request/resolve-destinations.ts',
    find: '[...new Set([...each.addresses, ...resolved])]',
    replace: 'each.addresses',
    tests: [parsed],
  },
  {
    name: 'denied-search-domain',
    why: 'T12: a name that a search domain completes to a denied one is denied',
    file: 'src/core/request/match-destination.ts',
    find: '(!mentioned && isRelative(denied.name, name))',
    replace: '(!mentioned && isRelative(denied.name, name) && mentioned)',
    tests: [hostile],
  },
  {
    name: 'denied-plain-forms-only',
    why: 'T12: a form of host that programs read differently is refused where anything is denied',
    file: 'src/core/request/read-host.ts',
    find: 'other === undefined &&',
    replace: 'other !== first &&',
    tests: [read, hostile],
  },
  {
    name: 'denied-in-all-letters',
    why: 'T12: names are looked up in both forms that UTS #46 gives them',
    file: 'src/core/request/host-to-ascii.ts',
    find: '[host, transitional].map',
    replace: '[host].map',
    tests: [read, hostile],
  },
  {
    name: 'denied-in-letters-of-their-own',
    why: 'T12: a name in letters that a tool does not convert is refused where anything is denied',
    file: 'src/core/request/read-host.ts',
    find: '|| !readable ||',
    replace: '||',
    tests: [read],
  },
  {
    name: 'denied-detours',
    why: 'T12: options that lead elsewhere are refused where anything is denied, unless the set names them',
    file: 'src/core/policy/find-gap.ts',
    find: '.find(({ name }) => !set.tools.includes(name))',
    replace: '.find(() => false)',
    tests: [hostile],
  },
  {
    name: 'denied-unknown-options',
    why: 'T12: an option that is in no table may lead elsewhere',
    file: 'src/tools/kit/arguments.ts',
    find: '[...known, ...given.unknown.map(',
    replace: '[...known, ...[].map(',
    tests: [hostile],
  },
]

import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { notInImage } from './kit/hints.ts'
import { toReading } from './kit/make-reading.ts'

/** Read-only options of ethtool; the first argument decides. Source: ethtool(8) 6.1. */
const readingOptions = new Set([
  ...['-a', '--show-pause', '-c', '--show-coalesce', '-g', '--show-ring', '-k', '--show-features', '--show-offload'],
  ...['-i', '--driver', '-S', '--statistics', '--phy-statistics', '-n', '-u', '--show-nfc', '--show-ntuple', '-P'],
  ...[
    '--show-permaddr',
    '-T',
    '--show-time-stamping',
    '-x',
    '--show-rxfh-indir',
    '--show-rxfh',
    '-l',
    '--show-channels',
  ],
  ...['--show-eee', '--show-fec', '--show-priv-flags', '--show-tunnels', '--show-module', '-w', '--get-dump', '--json'],
  ...['--show-mm', '--get-plca-cfg', '--get-plca-status', '-h', '--help', '--version', '--get-phy-tunable', '-I'],
  ...['--include-statistics', '--get-tunable', '--show-rmon', '--monitor'],
])
/** Options that show registers and memory of the network card, which the kernel permits only with NET_ADMIN. */
const restrictedOptions = new Set([
  '-d',
  '--register-dump',
  '-e',
  '--eeprom-dump',
  '-m',
  '--dump-module-eeprom',
  '--module-info',
])

const adminNeeds: Needs = { ...noNeeds, capabilities: ['NET_ADMIN'], user: 'root' }

export const ethtool: Tool = {
  name: 'ethtool',
  about: 'How are a network card and its driver configured?',
  examples: ['ethtool eth0', 'ethtool -S eth0', 'ethtool -k eth0 | grep segmentation'],
  hints: [
    {
      pattern: 'Operation not permitted',
      hint: 'This needs administrator permissions: add `-c NET_ADMIN`, or leave out all such flags.',
    },
    { pattern: 'No such device|Cannot get device', hint: 'There is no such card here: `ip -br link` lists them.' },
    notInImage,
  ],
  read: (argv) => {
    const args = argv.slice(1)
    const [first = ''] = args.filter((arg) => arg !== '--json' && arg !== '-I' && arg !== '--debug')
    const isName = !first.startsWith('-')
    // An interface name alone is read-only; ethtool 6.1 has no command of a name and a second argument.
    const reads = isName ? args.length <= 2 : readingOptions.has(first) && !args.includes('data')
    if (reads) return toReading(argv)
    const effect = restrictedOptions.has(first) ? 'read' : 'write'
    return toReading(argv, { needs: { ...adminNeeds, effect } })
  },
}

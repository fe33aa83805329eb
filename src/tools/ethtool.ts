import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { notInImage } from './kit/hints.ts'
import { toReading } from './kit/reading.ts'

/** What ethtool shows, by its first word. Source: ethtool(8) 6.1. */
const shows = new Set([
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
/** Registers and memories of the card: the kernel shows them to administrators only. */
const deep = new Set(['-d', '--register-dump', '-e', '--eeprom-dump', '-m', '--dump-module-eeprom', '--module-info'])

const administrator: Needs = { ...noNeeds, capabilities: ['NET_ADMIN'], user: 'root' }

export const ethtool: Tool = {
  name: 'ethtool',
  about: 'How are a network card and its driver set?',
  examples: ['ethtool eth0', 'ethtool -S eth0', 'ethtool -k eth0 | grep segmentation'],
  hints: [
    {
      pattern: 'Operation not permitted',
      hint: 'This part of the card is for administrators: give `-c NET_ADMIN`, or leave all such flags out.',
    },
    { pattern: 'No such device|Cannot get device', hint: 'There is no such card here: `ip -br link` lists them.' },
    notInImage,
  ],
  read: (argv) => {
    const words = argv.slice(1)
    const [first = ''] = words.filter((word) => word !== '--json' && word !== '-I' && word !== '--debug')
    const plain = !first.startsWith('-')
    // A name alone shows; a second word after a name is nothing that this version knows.
    const reads = plain ? words.length <= 2 : shows.has(first) && !words.includes('data')
    if (reads) return toReading(argv)
    const effect = deep.has(first) ? 'read' : 'write'
    return toReading(argv, { needs: { ...administrator, effect } })
  },
}

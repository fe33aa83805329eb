import { type Needs, noNeeds, type Tool } from '#core/tool'
import { notInImage } from './hints.ts'
import { toReading } from './reading.ts'

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

/** What `ipset`, `ebtables` and `conntrack` have in common: verbs of which few only read. */
function verbTool(
  tool: Pick<Tool, 'name' | 'about' | 'examples'>,
  judge: (words: readonly string[]) => { reads: boolean; file?: string },
): Tool {
  return {
    ...tool,
    hints: [
      {
        pattern: 'Operation not permitted|must be root|Permission denied',
        hint: `${tool.name} needs \`-c NET_ADMIN,NET_RAW\`, or leave -c, -m, -w and --host-pid all out, and what it needs is worked out.`,
      },
      notInImage,
    ],
    read: (argv) => {
      const { reads, file } = judge(argv.slice(1))
      const capabilities = ['NET_ADMIN', 'NET_RAW'] as const
      return toReading(argv, {
        needs: { ...noNeeds, capabilities, effect: reads ? 'read' : 'write', user: 'root' },
        special:
          file === undefined
            ? []
            : [{ name: `${tool.name} ${file}`, why: 'it reads or writes a file, or runs a program' }],
      })
    },
  }
}

const firstOf = (words: readonly string[], names: readonly string[]) =>
  names.find((name) => words.some((word) => word === name || (name.startsWith('--') && word.startsWith(`${name}=`))))

// Source: ipset(8) 7.17.
export const ipset = verbTool(
  {
    name: 'ipset',
    about: 'Which sets of addresses does the packet filter use?',
    examples: ['ipset list -n', 'ipset list'],
  },
  (words) => {
    const plain = ['-n', '-name', '-t', '-terse', '-s', '-sorted', '-r', '-resolve', '-o', '-output', '-q', '-quiet']
    const [verb = '', ...rest] = words.filter(
      (word) => !plain.includes(word) && !['plain', 'save', 'xml', 'json'].includes(word),
    )
    const verbs = [
      'list',
      '-L',
      '--list',
      'version',
      '-v',
      '--version',
      '-V',
      'help',
      '-h',
      '--help',
      'test',
      '-T',
      '--test',
    ]
    const saves = words[0] === 'save' || words[0] === '-S'
    const known = [verb, ...rest].every((word) => verbs.includes(word) || !word.startsWith('-'))
    const file = firstOf(words, ['-f', '-file', '--file'])
    return { reads: (saves || verbs.includes(verb)) && known, ...(file === undefined ? {} : { file: '-file' }) }
  },
)

// Source: ebtables(8) 2.0 and ebtables-nft(8).
export const ebtables = verbTool(
  {
    name: 'ebtables',
    about: 'Which rules filter between bridge ports?',
    examples: ['ebtables -L', 'ebtables -t nat -L --Lc'],
  },
  (words) => {
    const known = [
      '-t',
      '-L',
      '--list',
      '--Ln',
      '--Lc',
      '--Lx',
      '--Lmac2',
      '-V',
      '--version',
      '-h',
      '--help',
      '--concurrent',
    ]
    const dashed = words.filter((word) => word.startsWith('-'))
    const lists = words.some((word) => ['-L', '--list', '-V', '--version', '-h', '--help'].includes(word))
    const file = firstOf(words, [
      '--atomic-file',
      '--atomic-save',
      '--atomic-init',
      '--atomic-commit',
      '-M',
      '--modprobe',
    ])
    return { reads: lists && dashed.every((word) => known.includes(word)), ...(file === undefined ? {} : { file }) }
  },
)

const tracks = '-L --dump -G --get -C --count -S --stats -E --event -h --help -V --version'.split(' ')
const trackFilters = new Set(
  `-p --proto -s --src --orig-src -d --dst --orig-dst -r --reply-src -q --reply-dst -f --family -o --output -m --mark
  -e --event-mask -b --buffer-size -w --zone --orig-zone --reply-zone -u --status -l --label --state --sport --dport
  --orig-port-src --orig-port-dst --reply-port-src --reply-port-dst --any-nat -j -n --src-nat -g --dst-nat
  --mask-src --mask-dst --tuple-src --tuple-dst --icmp-type --icmp-code --icmp-id`.split(/\s+/),
)

// Source: conntrack(8) 1.4.7. Everything else with a dash (`-D`, `-F`, `-z`, bundles of letters) counts as changing.
export const conntrack = verbTool(
  {
    name: 'conntrack',
    about: 'Which connections does the node track?',
    examples: ['conntrack -L', 'conntrack -L -p tcp --dport 443', 'conntrack -C', 'conntrack -S'],
  },
  (words) => {
    const [command = '', ...rest] = words
    const changes = rest.some((word) => word.startsWith('-') && !trackFilters.has(word.split('=')[0] ?? ''))
    const file = firstOf(words, ['-R', '--load-file'])
    return { reads: tracks.includes(command) && !changes, ...(file === undefined ? {} : { file: '--load-file' }) }
  },
)

import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { toReading } from './kit/reading-and-needs.ts'
import { type Command, commands, mergeChecked, readCommands, withKeywords } from './kit/subcommands.ts'

// Source: ethtool(8) 6.1. These options may precede the command.
const options = reading('--json -I,--include-statistics --debug=')

const usesFile = 'reads or writes a file'

/** Name of a network card, number, and protocol such as `tcp4`. */
const plainWord = /^[\w.:@-]+$/

// `-d`, `-e` and `-m` show registers and memory of the card, which the kernel permits only with NET_ADMIN.
const restricted: readonly Command[] = withKeywords(
  commands('-d,--register-dump -e,--eeprom-dump -m,--dump-module-eeprom,--module-info'),
  commands('raw= hex= offset= length= page= bank= i2c= file*=', usesFile),
  /^[\w.:@]+$/,
)

const list: readonly Command[] = [
  ...restricted,
  ...withKeywords(
    [
      ...commands('-a,--show-pause -c,--show-coalesce -g,--show-ring -k,--show-features,--show-offload -i,--driver'),
      ...commands('-S,--statistics --phy-statistics -n,-u,--show-nfc,--show-ntuple -P,--show-permaddr --show-rmon'),
      ...commands('-T,--show-time-stamping -x,--show-rxfh-indir,--show-rxfh -l,--show-channels --show-eee --show-fec'),
      ...commands('--show-priv-flags --show-tunnels --show-module --show-mm --get-plca-cfg --get-plca-status'),
      ...commands('--get-phy-tunable --get-tunable --monitor -w,--get-dump'),
    ],
    commands('data*= file*=', usesFile),
    plainWord,
  ),
  ...commands('-h,--help --version'),
  ...commands('-f,--flash*', 'loads a file into the card'),
  ...commands('-s,--change! -A,--pause! -C,--coalesce! -G,--set-ring! -K,--features,--offload! -X,--set-rxfh-indir!'),
  ...commands(
    '-L,--set-channels! -N,-U,--config-nfc,--config-ntuple! -E,--change-eeprom! -p,--identify! -r,--negotiate!',
  ),
  ...commands(
    '-t,--test! -W,--set-dump! -Q,--per-queue! --reset! --set-eee! --set-fec! --set-priv-flags! --set-module!',
  ),
  ...commands('--set-phy-tunable! --set-tunable! --set-mm! --set-plca-cfg! --cable-test! --cable-test-tdr! --rxfh!'),
  ...commands('--equal! --weight!'),
]

const adminNeeds: Needs = { ...noNeeds, capabilities: ['NET_ADMIN'], user: 'root' }

export const ethtool: Tool = {
  name: 'ethtool',
  about: 'How are a network card and its driver configured?',
  examples: ['ethtool eth0', 'ethtool -S eth0', 'ethtool -k eth0 | grep segmentation'],
  hints: [
    // It goes on after these errors, and ends with 0 where it could show anything.
    {
      pattern: '^netlink error: Operation not permitted',
      hint: 'A part is missing, such as Wake-on-LAN: only administrators see it. Add `-c NET_ADMIN`.',
      always: true,
    },
    {
      pattern: '^netlink error: (?:Operation not supported|Invalid argument)',
      hint: 'A part is missing: the driver of this card does not tell it.',
      always: true,
    },
    {
      pattern: 'Operation not permitted',
      hint: 'This needs administrator permissions: add `-c NET_ADMIN`, or leave out all such flags.',
    },
    { pattern: 'No such device', hint: 'There is no such card here: `ip -br link` lists them.' },
    notInImage,
  ],
  read: (argv) => {
    const { before, words } = splitAtCommand(argv.slice(1))
    const [first = '', second] = words
    // An interface name alone is read-only; ethtool 6.1 has no command of a name and a second argument.
    const isNameAlone = !first.startsWith('-') && second === undefined
    const read = readCommands('ethtool', isNameAlone ? [] : words, list, 'exact')
    const { effect, special } = mergeChecked(checkArguments('ethtool', readArguments(before, options)), read)
    const isRestricted = restricted.some(({ names }) => names.includes(first))
    const needs = effect === 'write' || isRestricted ? { ...adminNeeds, effect } : noNeeds
    return toReading(argv, { needs, special })
  },
}

/** Splits arguments at ethtool's command, which its common options may precede. */
function splitAtCommand(args: readonly string[]): { before: readonly string[]; words: readonly string[] } {
  let at = 0
  let option = findOption(args[at])
  while (option !== undefined) {
    at += option.values === 1 ? 2 : 1
    option = findOption(args[at])
  }
  return { before: args.slice(0, at), words: args.slice(at) }
}

const findOption = (arg: string | undefined) => options.find(({ names }) => names.includes(arg ?? ''))

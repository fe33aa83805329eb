import { changing, checkArguments, isGiven, readArguments, reading, specialChange } from './kit/arguments.ts'
import { usesFile, verbTool } from './kit/packet-filter-tool.ts'

// Source: ebtables(8) 2.0 and ebtables-nft(8).
const options = [
  // What is glued to -L may be the name of a chain, or further options: it is options here.
  ...reading('-t,--table= -L,--list --Ln --Lc --Lx --Lmac2 -V,--version -h,--help --concurrent'),
  ...changing('-A,--append= -D,--delete= -I,--insert= -P,--policy= -F,--flush[=] -Z,--zero[=] -N,--new-chain='),
  ...changing('-X,--delete-chain[=] -E,--rename-chain= -C,--change-counters= -c,--set-counters= --init-table'),
  ...changing('-p,--protocol= -i,--in-interface= -o,--out-interface= -s,--source= -d,--destination= -j,--jump='),
  ...changing('--logical-in= --logical-out= --check='),
  ...specialChange(usesFile, '--atomic-file= --atomic-init --atomic-save --atomic-commit --modprobe,-M='),
]

export const ebtables = verbTool(
  {
    name: 'ebtables',
    about: 'Which rules filter between bridge ports?',
    examples: ['ebtables -L', 'ebtables -t nat -L --Lc'],
  },
  (args) => {
    const given = readArguments(args, options)
    const checked = checkArguments('ebtables', given)
    return isGiven(given, '-L', '-V', '-h') ? checked : { ...checked, effect: 'write' }
  },
)

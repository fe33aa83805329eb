import { changing, checkArguments, isGiven, readArguments, reading, specialChange } from './kit/arguments.ts'
import { usesFile, verbTool } from './kit/packet-filter-tool.ts'
import { commands, mergeChecked, readCommands } from './kit/subcommands.ts'

// Source: ipset(8) 7.17. Options have long names after one dash or two, and so may commands.
const options = [
  ...reading('-n,-name -t,-terse -s,-sorted -r,-resolve -q,-quiet -!,-exist -o,-output='),
  ...specialChange(usesFile, '-file,-f='),
  ...reading('-L,-list -S,-save -T,-test -v,-V,-version -h,-H,-help'),
  ...changing('-N,-create -A,-add -D,-del -F,-flush -X,-destroy -E,-rename -W,-swap -R,-restore'),
]

const verbs = commands(
  'list save test version help create! n! add! del! flush! destroy! x! rename! swap! restore! e! w!',
)

export const ipset = verbTool(
  {
    name: 'ipset',
    about: 'Which sets of addresses does the packet filter use?',
    examples: ['ipset list -n', 'ipset list'],
  },
  (args) => {
    const given = readArguments(args, options, { oneDash: 'names', terminator: false })
    const checked = checkArguments('ipset', given)
    if (isGiven(given, '-L', '-S', '-T', '-v', '-h')) return checked
    // Without a command, ipset asks for commands on its standard input.
    if (given.operands.length === 0) return { ...checked, effect: 'write' }
    return mergeChecked(checked, readCommands('ipset', given.operands, verbs, 'any-prefix'))
  },
)

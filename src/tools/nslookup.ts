import type { Tool } from '#core/request/tool'
import { noNameServer } from './dig.ts'
import { nslookupInsight } from './insight/nslookup-insight.ts'
import { checkArguments, findDetours, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/reading-and-needs.ts'

// Source: nslookup(1) of BIND 9.20. Its options have long names after one dash, and none reads a file.
const options = [
  ...reading('-all[=] -class,-cl[=] -domain[=] -ndots[=] -port,-po[=] -query,-querytype,-q,-qu[=] -retry,-ret[=]'),
  ...reading('-srchlist[=] -timeout,-ti[=] -type,-ty,-t[=] -d2 -nod2 -debug,-deb -nodebug,-nodeb -defname,-def'),
  ...reading('-nodefname,-nodef -fail -nofail -recurse,-rec -norecurse,-norec -search,-sea -nosearch,-nosea -vc -novc'),
  ...reading('-version,-ver,-v'),
]

export const nslookup: Tool = {
  name: 'nslookup',
  about: 'What does DNS answer, in the old format?',
  examples: ['nslookup example.org', 'nslookup -type=mx example.org 10.0.0.10'],
  hints: [
    noNameServer,
    {
      pattern: "can't find \\S*: NXDOMAIN",
      unless: '^Name:',
      hint: 'The name server does not know this name; check the spelling and the zone.',
    },
    notInImage,
  ],
  // The first name is the question, the second is the name server.
  reaches: (argv) =>
    argv
      .slice(1)
      .filter((arg) => !/^-./.test(arg))
      .slice(1),
  hostNotation: 'server',
  insight: nslookupInsight,
  read: (argv) => {
    const args = argv.slice(1)
    const names = args.filter((arg) => !/^-./.test(arg))
    const version = args.some((arg) => /^-v/i.test(arg))
    if (!version && (names.length === 0 || names.includes('-'))) {
      return refuse(argv, 'nslookup without a name is interactive.', 'Give the name: `nslookup example.org`.')
    }
    const lower = args.map((arg) => arg.toLowerCase())
    const given = readArguments(lower, options, { oneDash: 'names', terminator: false })
    const { effect } = checkArguments('nslookup', given, true)
    const detours = findDetours('nslookup', given)
    return toReading(argv, { needs: plainNeeds(effect), discloses: false, detours })
  },
}

import type { Tool } from '#core/request/tool'
import { digInsight } from './insight/dns-insight.ts'
import { measureDns } from './insight/measure-tool-output.ts'
import { checkArguments, detour, findDetours, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { nameServer, plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: drill(1) of ldns 1.8, and its getopt string.
const options = [
  ...reading('-4 -6 -a -b= -d= -D -h -I -o= -p= -Q -s -S -t -u -v -V= -x -y= -z'),
  ...detour('asks the name servers that others name', '-T'),
  ...special('reads a packet from a file', '-f= -i='),
  ...special('reads settings or keys from a file', '-c= -k= -r='),
  ...specialChange('writes a file', '-w= -q='),
]

export const drill: Tool = {
  name: 'drill',
  about: 'What does DNS answer, with DNSSEC?',
  examples: ['drill example.org', 'drill -S example.org', 'drill @10.0.0.10 example.org AAAA'],
  hints: [
    {
      pattern: 'Error: error sending query|No \\(valid\\) nameservers defined',
      hint: 'No name server answered: try another one, as in `drill @10.0.0.10 NAME`, and TCP (`-t`).',
    },
    notInImage,
  ],
  reaches: nameServer,
  hostNotation: 'server',
  insight: digInsight,
  measure: measureDns,
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('drill', given)
    return toReading(argv, {
      needs: plainNeeds(checked.effect),
      special: checked.special,
      discloses: checked.special.length > 0,
      detours: findDetours('drill', given),
    })
  },
}

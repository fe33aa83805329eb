import type { Tool } from '#core/request/tool'
import { noNameServer } from './dig.ts'
import { nslookupInsight } from './insight/dns-insight.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/reading.ts'

// Source: nslookup(1) of BIND 9.20; its options are words after one dash, and none reads a file.
const valued =
  /^-(all|class|cl|domain|ndots|port|po|query|querytype|q|qu|retry|ret|srchlist|timeout|ti|type|ty|t)(=|$)/i
const switches = /^-(no)?(d2|debug|deb|defname|def|fail|recurse|rec|search|sea|vc)$|^-(version|ver|v)$/i

export const nslookup: Tool = {
  name: 'nslookup',
  about: 'What does DNS answer, in the old words?',
  examples: ['nslookup example.org', 'nslookup -type=mx example.org 10.0.0.10'],
  hints: [
    noNameServer,
    {
      pattern: "can't find .*: NXDOMAIN",
      hint: 'The name server knows no such name; check the spelling and the zone.',
    },
    notInImage,
  ],
  // The first name is the question, the second the server that is asked.
  reaches: (argv) =>
    argv
      .slice(1)
      .filter((word) => !word.startsWith('-'))
      .slice(1),
  insight: nslookupInsight,
  read: (argv) => {
    const words = argv.slice(1)
    const names = words.filter((word) => !/^-./.test(word))
    const version = words.some((word) => /^-v/i.test(word))
    if (!version && (names.length === 0 || names.includes('-'))) {
      return refuse(
        argv,
        'nslookup without a name asks questions of its own.',
        'Give the name: `nslookup example.org`.',
      )
    }
    const known = words.every((word) => names.includes(word) || valued.test(word) || switches.test(word))
    return toReading(argv, { needs: plainNeeds(known ? 'read' : 'write') })
  },
}

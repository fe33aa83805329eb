import type { Tool } from '#core/request/tool'
import { noNameServer } from './dig.ts'
import { nslookupInsight } from './insight/dns-insight.ts'
import { toUnknownDetour } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/make-reading.ts'

// Source: nslookup(1) of BIND 9.20. Its options have long names after one dash, and none reads a file.
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
      return refuse(
        argv,
        'nslookup without a name asks questions of its own.',
        'Give the name: `nslookup example.org`.',
      )
    }
    const unknown = args.filter((arg) => !names.includes(arg) && !valued.test(arg) && !switches.test(arg))
    return toReading(argv, {
      needs: plainNeeds(unknown.length === 0 ? 'read' : 'write'),
      detours: unknown.map((arg) => toUnknownDetour(`nslookup ${arg.split('=')[0]}`)),
    })
  },
}

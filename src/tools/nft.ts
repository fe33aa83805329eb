import type { Needs, Tool } from '#core/request/tool'
import { nftInsight } from './insight/firewall-insight.ts'
import { measureNft } from './insight/measure-tool-output.ts'
import { changing, checkArguments, isGiven, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { mustBeRoot, noNetlink, notInImage } from './kit/hints.ts'
import { refuse, toReading } from './kit/reading-and-needs.ts'

// Source: nft(8) of nftables 1.1.
const options = [
  ...reading('-h,--help -v,--version -V -a,--handle -c,--check -d,--debug= -e,--echo -j,--json -n,--numeric'),
  ...reading(
    '-p,--numeric-protocol -N,--reversedns -s,--stateless -S,--service -t,--terse -T,--numeric-time -u,--guid',
  ),
  ...reading('-y,--numeric-priority'),
  ...changing('-o,--optimize -D,--define='),
  ...specialChange('runs commands from a file', '-f,--file='),
  ...special('reads files of that folder', '-I,--includepath='),
  ...changing('-i,--interactive'),
]

// nft joins its arguments with spaces and parses the result: `;` and line ends separate commands, `include` reads files.
const readingProgram = /^(list|get|describe|monitor)( [\w ./:,{}@*!-]*)?$/

export const netfilterNeeds: Needs = {
  capabilities: ['NET_ADMIN', 'NET_RAW'],
  host: { filesystem: 'none', pid: false },
  effect: 'read',
  confinement: { apparmor: 'default', seccomp: 'default' },
  user: 'root',
}

export const nft: Tool = {
  name: 'nft',
  about: 'Which nftables rules are active?',
  examples: ['nft list ruleset | head -n 20', 'nft -a list table ip filter'],
  hints: [mustBeRoot, noNetlink, notInImage],
  insight: nftInsight,
  measure: measureNft,
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    if (isGiven(given, '-i')) {
      return refuse(argv, '`nft -i` is interactive.', 'Give the command: `nft list ruleset`.')
    }
    const checked = checkArguments('nft', given)
    const program = given.operands.join(' ').trim()
    const reads = program === '' || readingProgram.test(program)
    const includes = /\binclude\b/.test(program) ? [{ name: 'nft include', why: 'it reads a file' }] : []
    return toReading(argv, {
      needs: { ...netfilterNeeds, effect: reads ? checked.effect : 'write' },
      special: [...checked.special, ...includes],
    })
  },
}

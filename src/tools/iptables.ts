import type { Hint, Reading, Tool } from '#core/request/tool'
import { iptablesInsight } from './insight/firewall-insight.ts'
import { measureIptables } from './insight/measure-tool-output.ts'
import { changing, checkArguments, isGiven, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { mustBeRoot, noNetlink, notInImage } from './kit/hints.ts'
import { toReading } from './kit/reading-and-needs.ts'
import { netfilterNeeds } from './nft.ts'

/** Hint for iptables-nft's own message that legacy rules are in force too. */
const otherKind: Hint = {
  pattern: 'iptables-legacy tables present',
  hint: "Legacy rules are active too: see them with `iptables-legacy -nvL`. The node's own program is `chroot /host iptables -nvL`.",
  always: true,
}

const runsLoader = 'runs a program of your choice as root'

// Source: iptables(8) 1.8.
const options = [
  ...reading('-L,--list[=] -S,--list-rules[=] -C,--check -n,--numeric -v,--verbose -x,--exact --line-numbers'),
  ...reading('-t,--table= -w,--wait[=] -W,--wait-interval[=] -4,--ipv4 -6,--ipv6 -V,--version -h,--help'),
  ...reading(
    '-p,--protocol,--proto= -s,--source,--src= -d,--destination,--dst= -i,--in-interface= -o,--out-interface=',
  ),
  ...reading('-j,--jump= -g,--goto= -m,--match= -f,--fragments --dport,--destination-port= --sport,--source-port='),
  ...reading('--dports= --sports= --ports= --state= --ctstate= --comment= --mark= --tcp-flags== --icmp-type='),
  ...changing(
    '-A,--append -D,--delete -I,--insert -R,--replace -F,--flush[=] -Z,--zero[=] -N,--new -X,--delete-chain[=]',
  ),
  ...changing('-P,--policy -E,--rename-chain -c,--set-counters=='),
  ...specialChange(runsLoader, '--modprobe,-M='),
  ...special('reads a file', '--object-pinned= --path='),
]

const saveOptions = [
  ...reading('-t,--table= -c,--counters -h,--help -V,--version'),
  ...specialChange(runsLoader, '--modprobe,-M='),
  ...specialChange('writes a file', '-f,--file='),
]

const restoreOptions = [
  ...reading('-h,--help -V,--version'),
  ...changing('-c,--counters -n,--noflush -t,--test -T,--table= -v,--verbose -w,--wait[=] -W,--wait-interval='),
  ...specialChange(runsLoader, '--modprobe,-M='),
]

const readsByCommand = ['-L', '-S', '-C', '-V', '-h']

/** Names of all iptables programs. They are one tool, so a grant for one of them includes all. */
export const iptablesNames: readonly string[] = ['iptables', 'ip6tables'].flatMap((name) =>
  ['', '-legacy', '-nft'].flatMap((kind) => ['', '-save', '-restore'].map((job) => `${name}${kind}${job}`)),
)

export const iptables: Tool = {
  name: 'iptables',
  about: 'Which packet filter rules are active?',
  examples: ['iptables -nvL | head -n 2', 'iptables -t nat -S', 'ip6tables -nvL INPUT'],
  hints: [mustBeRoot, noNetlink, otherKind, notInImage],
  insight: iptablesInsight,
  measure: measureIptables,
  read: (argv) => {
    const name = argv[0] ?? ''
    if (name.endsWith('-restore')) return readRestore(argv)
    return name.endsWith('-save') ? readSave(argv) : readRules(argv)
  },
}

function readRules(argv: readonly string[]): Reading {
  const given = readArguments(argv.slice(1), options)
  // Options that aren't known are those of extensions, of which there are hundreds: they change rules, and no files.
  const checked = checkArguments('iptables', given, true)
  const effect = isGiven(given, ...readsByCommand) ? checked.effect : 'write'
  return toReading(argv, {
    needs: { ...netfilterNeeds, effect },
    notes: argv[0]?.includes('-legacy') ? ['iptables-nft shows the nftables rules, if the node has any'] : [],
    special: checked.special,
  })
}

function readSave(argv: readonly string[]): Reading {
  const given = readArguments(argv.slice(1), saveOptions)
  const checked = checkArguments('iptables-save', given)
  const effect = given.operands.length > 0 ? 'write' : checked.effect
  return toReading(argv, { needs: { ...netfilterNeeds, effect }, special: checked.special })
}

function readRestore(argv: readonly string[]): Reading {
  const given = readArguments(argv.slice(1), restoreOptions)
  const file = given.operands.length > 0 ? [{ name: 'iptables-restore FILE', why: 'it reads rules from a file' }] : []
  return toReading(argv, {
    needs: { ...netfilterNeeds, effect: 'write' },
    special: [...checkArguments('iptables-restore', given).special, ...file],
  })
}

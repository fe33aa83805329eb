import { type Effect, noNeeds, type SpecialArgument, type Tool } from '#core/request/tool'
import { notInImage, workedOut } from './kit/hints.ts'
import { toReading } from './kit/reading-and-needs.ts'
import { commands, group, readCommands } from './kit/subcommands.ts'

const secretKeys = 'prints private keys'
const readsKeys = 'reads keys from files'

// Source: wg(8) 1.0.20210914, and the table of commands in its wg.c. `wg show` hides private keys but in these fields.
const fields = [
  ...commands(
    'public-key listen-port fwmark peers endpoints allowed-ips latest-handshakes transfer persistent-keepalive',
  ),
  ...commands('private-key preshared-keys dump', secretKeys).map((field) => ({
    ...field,
    verdict: { effect: 'read' as const, special: secretKeys },
  })),
]
const verbs = [
  ...commands('help,-h,--help version,-v,--version genkey genpsk pubkey'),
  ...commands('set* setconf* addconf* syncconf*', readsKeys),
]

/** Returns the effect and the special arguments of the words after `wg`. */
function judge(words: readonly string[]): { effect: Effect; special: readonly SpecialArgument[] } {
  const [verb, , ...ofInterface] = words
  // After `show`, the name of an interface comes first, and may be any word.
  if (verb === 'show') return readCommands('wg', ['show', ...ofInterface], [group('show', fields)], 'exact')
  if (verb === 'showconf') {
    return { effect: 'read', special: [{ name: 'wg showconf', why: `it ${secretKeys}` }] }
  }
  return readCommands('wg', words, verbs, 'exact')
}

export const wg: Tool = {
  name: 'wg',
  about: 'Which WireGuard peers does the node have, and when did they last answer?',
  examples: ['wg show', 'wg show all latest-handshakes'],
  hints: [
    {
      pattern: 'Unable to (?:list interfaces|access interface[^\\n]{0,60}): Operation not permitted',
      hint: `wg needs \`-c NET_ADMIN\`, ${workedOut}.`,
    },
    {
      pattern:
        'Unable to (?:list interfaces|access interface[^\\n]{0,60}): (?:Protocol|Operation) not supported|No such device',
      hint: 'There is no such WireGuard interface here: `ip -d link` shows the kinds of all interfaces.',
    },
    notInImage,
  ],
  read: (argv) => {
    const { effect, special } = judge(argv.slice(1))
    return toReading(argv, {
      needs: { ...noNeeds, capabilities: ['NET_ADMIN'], effect, user: 'root' },
      special,
      opens: argv[1] === 'show' ? [] : argv.slice(2),
    })
  },
}

import type { Catalogue } from '#core/request/tool'
import { commandText, parseError } from '../misunderstood.ts'
import { parseShell } from '../parse-shell-verb.ts'
import { type Token, textAt } from '../token.ts'
import type { CommandWord } from './command-word.ts'

/** Words that run a tool, or say what would happen. */
export const shellWords = {
  shell: {
    parse: (tokens, catalogue) => parseShell(tokens, 0, catalogue, false),
    does: 'acts',
    help: {
      title: 'shell: run a tool on a node or in a pod',
      text: [
        'shell TARGET [flags] [TOOL ARGS… [| FILTER ARGS…]…]',
        'TARGET is a node (node001, node/node001) or a pod (-n NS pod/NAME).',
        '-l SELECTOR instead of TARGET runs it on every node with these labels; with -n NS, on every pod.',
        'The bot works out what a tool needs and shows it in its reply. With -c, -m, -w or --host-pid you get exactly what you ask for.',
        'In the thread of a run, a tool without a target (`dig example.org`) runs on the same target.',
        'There is no other shell syntax: no ;, &&, >, $(…), variables or *. In quotes they are literal.',
        '`help flags` explains the flags, `help TOOL` a tool.',
      ].join('\n'),
      examples: [
        { command: 'shell node001 ping 10.224.0.4', about: 'is it reachable from the node?' },
        { command: 'shell -n shop pod/web-1 dig example.org +short', about: 'what does the pod get from DNS?' },
        { command: 'shell node001 iptables -nvL | head -n 2', about: 'which rules are active?' },
        { command: 'shell node001 systemctl status kubelet', about: 'how is the kubelet doing?' },
        { command: 'shell -l pool=web ping 10.224.0.4', about: 'from which nodes of the pool is it reachable?' },
        { command: 'shell --timeout 10m node001 ping 10.224.0.4', about: 'wait longer for the pod to start' },
      ],
    },
  },
  'can-i': {
    parse: parseCanI,
    does: 'answers',
    help: {
      title: 'can-i: what would happen',
      text: 'Before a whole `shell` command, it shows the plan and the decision; nothing is run. `--dry-run` does the same.',
      examples: [{ command: 'can-i shell node001 iptables -nvL', about: 'would I be allowed to?' }],
    },
  },
} satisfies Record<string, CommandWord>

/** Parses `can-i shell …` to the `shell` command with `dryRun`, by which forms recognise that it only answers. */
function parseCanI(tokens: readonly Token[], catalogue: Catalogue): ReturnType<typeof parseShell> {
  if (textAt(tokens, 1)?.toLowerCase() === 'shell') return parseShell(tokens, 1, catalogue, true)
  const rest = commandText(tokens.slice(1))
  const message = '`can-i` goes before a whole `shell` command.'
  return parseError('missing-verb', message, `can-i shell ${rest || 'TARGET dig example.org'}`)
}

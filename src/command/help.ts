import type { Message } from '#core/messages/message'
import { type Catalogue, mergeNeeds, type Needs, noNeeds, type Tool } from '#core/request/tool'
import { shellFlags } from './flags.ts'
import { isParseError, nearest, quoted } from './misunderstood.ts'
import { pipe } from './token.ts'
import { toTokens } from './tokens.ts'

type Help = Extract<Message, { kind: 'help' }>
type Example = Help['examples'][number]

const verbPages = {
  shell: {
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
  'can-i': {
    title: 'can-i: what would happen',
    text: 'Before a whole `shell` command, it shows the plan and the decision; nothing is run. `--dry-run` does the same.',
    examples: [{ command: 'can-i shell node001 iptables -nvL', about: 'would I be allowed to?' }],
  },
  tools: {
    title: 'tools: what may I run?',
    text: 'The tools that you may run, with the purpose of each.',
    examples: [{ command: 'tools', about: 'all my tools' }],
  },
  nodes: {
    title: 'nodes: which nodes may I use?',
    text: 'nodes [PATTERN] [--context CLUSTER]. In PATTERN, * matches anything.',
    examples: [
      { command: 'nodes', about: 'all of them' },
      { command: 'nodes aks-pool1-*', about: 'the nodes of one pool' },
    ],
  },
  pods: {
    title: 'pods: which pods may I use?',
    text: 'pods -n NS [PATTERN] [--context CLUSTER]. In PATTERN, * matches anything.',
    examples: [{ command: 'pods -n shop web-*', about: "the shop's web pods" }],
  },
  runs: {
    title: 'runs, show, output, rerun, cancel, end: what I have run',
    text: [
      'runs lists your latest runs; show ID, rerun ID and cancel ID do the same as the buttons.',
      'output ID [PAGE] shows the whole output, page by page; with --grep WORDS, the lines that contain them. Nothing runs again.',
      'A pod may stay ready for a while after a run, so that your next command there starts sooner; end ID removes it at once.',
      'link ID gives you a private page with the whole output, if the bot has pages.',
    ].join('\n'),
    examples: [
      { command: 'runs', about: 'my latest runs' },
      { command: 'show abcdefgh2345', about: 'one of them with its output' },
      { command: 'output abcdefgh2345 --grep DROP', about: 'its lines that contain DROP' },
      { command: 'cancel abcdefgh2345', about: 'stop it now' },
      { command: 'end abcdefgh2345', about: 'remove the pod that stayed ready after it' },
    ],
  },
  approvals: {
    title: "approvals, approve, deny: decide somebody else's request",
    text: [
      'approvals lists the requests that wait for you, and your own that wait for others.',
      'approve ID [--window] and deny ID [REASON…] do the same as the buttons of a pending request. One denial is final.',
      'With --window, the approval also covers further requests of the same person for the same set and target, for as long as the policy allows.',
      'Nobody decides their own request; the requester can withdraw it with cancel ID. Where the policy lets you, --break-glass with a reason runs without approval.',
    ].join('\n'),
    examples: [
      { command: 'approve abcdefgh2345', about: 'yes, this once' },
      { command: 'deny abcdefgh2345 not before the backup', about: 'no, and why' },
    ],
  },
  whoami: {
    title: 'whoami: who am I here, and what may I do?',
    text: 'Your name as the bot knows it, your groups, and your grants.',
    examples: [{ command: 'whoami', about: 'my permissions' }],
  },
  version: {
    title: 'version: which versions are running?',
    text: 'The versions of the bot and of the shell image.',
    examples: [{ command: 'version', about: 'all versions' }],
  },
} satisfies Record<string, Omit<Help, 'kind'>>

const pages: ReadonlyMap<string, Omit<Help, 'kind'>> = new Map([
  ...Object.entries(verbPages),
  ...['show', 'link', 'output', 'rerun', 'cancel', 'end'].map((verb) => [verb, verbPages.runs] as const),
  ...['approve', 'deny'].map((verb) => [verb, verbPages.approvals] as const),
])

/** Returns the help page of a topic (a verb, a tool or the flags), or an overview of the tools that the person may use. */
export function helpMessage(topic: string | undefined, catalogue: Catalogue, has: (tool: string) => boolean): Message {
  if (topic === undefined || topic === 'help') return toOverview(catalogue, has)
  const word = topic.toLowerCase()
  const page = pages.get(word)
  if (page !== undefined) return { kind: 'help', ...page }
  const flag = word.replace(/^-+/, '').split('=')[0]
  if (word === 'flags' || shellFlags.some(({ name, short }) => name === flag || `-${short}` === word))
    return toFlagPage()
  const tool = catalogue.tool(word)
  if (tool !== undefined) return toToolPage(tool, has(tool.name))
  const similar = nearest(word, [...pages.keys(), 'flags', ...catalogue.names])
  const hint = similar === undefined ? '' : ` The closest is \`help ${similar}\`.`
  const all = toOverview(catalogue, has)
  return { ...all, title: `There is no help for ${quoted(topic)}.${hint}` }
}

function toOverview(catalogue: Catalogue, has: (tool: string) => boolean): Help {
  const names = catalogue.names.filter(has)
  if (names.length === 0) return noToolsHelp
  const examples = verbPages.shell.examples.filter(({ command }) =>
    names.some((name) => command.split(' ').includes(name)),
  )
  const [first] = examples
  return {
    kind: 'help',
    title: 'Debug the network of a cluster from here',
    text: [
      `Your tools: ${names.join(', ')}.`,
      '`whoami` shows on which targets. See `help shell`, `help flags` or `help TOOL` for more.',
    ].join('\n'),
    examples: [
      ...examples.slice(0, 3),
      ...(first === undefined ? [] : [{ command: `can-i ${first.command}`, about: 'would I be allowed to?' }]),
      { command: 'nodes', about: 'which nodes may I use?' },
      { command: 'pods -n shop web-*', about: 'which pods may I use?' },
      { command: 'runs', about: 'what have I run?' },
      { command: 'whoami', about: 'what may I do?' },
    ],
  }
}

const noToolsHelp: Help = {
  kind: 'help',
  title: 'Debug the network of a cluster from here',
  text: 'You have no access yet. `whoami` tells you whom to ask; `help shell` shows what a command looks like.',
  examples: [{ command: 'whoami', about: 'who am I here, and whom do I ask?' }],
}

function toFlagPage(): Help {
  return {
    kind: 'help',
    title: 'Flags of shell',
    text: shellFlags
      .map(({ name, short, value, about }) => {
        const names = short === undefined ? `--${name}` : `-${short}, --${name}`
        return `${names}${value === undefined ? '' : ` ${value}`}: ${about}`
      })
      .join('\n'),
    examples: [
      { command: 'shell node001 -c NET_ADMIN,NET_RAW iptables -nvL', about: 'exactly these capabilities' },
      { command: 'shell node001 --deadline 5m ping -c 200 10.224.0.4', about: 'a longer run' },
    ],
  }
}

function toToolPage(tool: Tool, has: boolean): Help {
  const target = mergeExampleNeeds(tool).host.filesystem === 'none' ? 'TARGET' : 'NODE'
  return {
    kind: 'help',
    title: `${tool.name}: ${tool.about}`,
    text: has ? toNeedsText(tool) : `None of your sets has it; \`can-i\` shows which would. ${toNeedsText(tool)}`,
    examples: tool.examples.map((example): Example => ({ command: `shell ${target} ${example}`, about: '' })),
  }
}

/** Returns the merged needs of a tool's own examples, which represent its usual needs. */
function mergeExampleNeeds(tool: Tool): Needs {
  return tool.examples.reduce<Needs>((needs, example) => {
    const tokens = toTokens(example, false)
    const texts = isParseError(tokens) ? [] : tokens.map((token) => (token === pipe ? pipe : token.text))
    const start = texts.indexOf(tool.name)
    const end = texts.indexOf(pipe, start)
    const argv = texts.slice(start, end === -1 ? undefined : end)
    return start === -1 ? needs : mergeNeeds(needs, tool.read(argv, 'node').needs)
  }, noNeeds)
}

function toNeedsText(tool: Tool): string {
  const { capabilities, host } = mergeExampleNeeds(tool)
  const parts = [
    ...(capabilities.length === 0 ? [] : [capabilities.join(' and ')]),
    ...(host.filesystem === 'none' ? [] : [`the node's file system, ${host.filesystem}`]),
    ...(host.pid ? ["the node's process IDs"] : []),
  ]
  if (parts.length === 0) return 'It needs no capability and no access to the node.'
  return `It needs ${parts.join(', ')}; the bot adds that, you need not type it.`
}

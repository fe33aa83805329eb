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
      '-l SELECTOR in place of TARGET runs it on every node with these labels; with -n NS, on every pod.',
      'What a tool needs is worked out and said in the answer. With -c, -m, -w or --host-pid you get exactly what you ask for.',
      'In the thread of a run, a tool alone (`dig example.org`) goes to the same target.',
      'Nothing else of a shell exists: no ;, &&, >, $(…), variables or *. In quotes they stand for themselves.',
      '`help flags` explains the flags, `help TOOL` a tool.',
    ].join('\n'),
    examples: [
      { command: 'shell node001 ping 10.224.0.4', about: 'is it reachable from the node?' },
      { command: 'shell -n shop pod/web-1 dig example.org +short', about: 'what does DNS tell the pod?' },
      { command: 'shell node001 iptables -nvL | head -n 2', about: 'which rules are in force?' },
      { command: 'shell node001 systemctl status kubelet', about: "how is the node's own service?" },
      { command: 'shell -l pool=web ping 10.224.0.4', about: 'from which nodes of the pool is it reachable?' },
      { command: 'shell --timeout 10m node001 ping 10.224.0.4', about: 'wait longer for the pod to start' },
    ],
  },
  'can-i': {
    title: 'can-i: what would happen',
    text: 'Before a whole `shell` command: the plan and the decision, and nothing is run. `--dry-run` does the same.',
    examples: [{ command: 'can-i shell node001 iptables -nvL', about: 'would I be allowed to?' }],
  },
  tools: {
    title: 'tools: what may I run?',
    text: 'The tools that were granted to you, with what each is for.',
    examples: [{ command: 'tools', about: 'all of mine' }],
  },
  nodes: {
    title: 'nodes: which nodes may I name?',
    text: 'nodes [PATTERN] [--context CLUSTER]. In PATTERN, * stands for anything.',
    examples: [
      { command: 'nodes', about: 'all of them' },
      { command: 'nodes aks-pool1-*', about: 'those of one pool' },
    ],
  },
  pods: {
    title: 'pods: which pods may I name?',
    text: 'pods -n NS [PATTERN] [--context CLUSTER]. In PATTERN, * stands for anything.',
    examples: [{ command: 'pods -n shop web-*', about: "the shop's web pods" }],
  },
  runs: {
    title: 'runs, show, output, rerun, cancel, end: what I have run',
    text: [
      'runs lists your newest runs; show ID, rerun ID and cancel ID are the buttons, as words.',
      'output ID [PAGE] shows all of it, page by page; with --grep WORDS the lines that hold them. Nothing runs again.',
      'A pod may stay ready for a while after a run, for what you ask there next; end ID removes it at once.',
      'link ID gives you a page of your own with all of it, where the bot has pages.',
    ].join('\n'),
    examples: [
      { command: 'runs', about: 'my newest runs' },
      { command: 'show abcdefgh2345', about: 'one of them with its output' },
      { command: 'output abcdefgh2345 --grep DROP', about: 'its lines that hold DROP' },
      { command: 'cancel abcdefgh2345', about: 'end it now' },
      { command: 'end abcdefgh2345', about: 'remove the pod that stayed ready after it' },
    ],
  },
  approvals: {
    title: "approvals, approve, deny: decide somebody else's request",
    text: [
      'approvals lists what waits for you, and what of yours waits for others.',
      'approve ID [--window] and deny ID [REASON…] are the buttons of a request that waits, as words. One denial denies.',
      'With --window the approval stands for what the same person asks of the same set on the same target, as long as the policy lets it.',
      'Nobody decides their own. Who asked takes it back by cancel ID; who may, goes on without waiting by --break-glass and a reason.',
    ].join('\n'),
    examples: [
      { command: 'approve abcdefgh2345', about: 'yes, this once' },
      { command: 'deny abcdefgh2345 not before the backup', about: 'no, and why' },
    ],
  },
  whoami: {
    title: 'whoami: who am I here, and what may I do?',
    text: 'Your name as the bot knows it, your groups, and what was granted to you.',
    examples: [{ command: 'whoami', about: 'my rights' }],
  },
  version: {
    title: 'version: what runs here?',
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
  const hint = similar === undefined ? '' : ` \`help ${similar}\` is near.`
  const all = toOverview(catalogue, has)
  return { ...all, title: `There is no help on ${quoted(topic)}.${hint}` }
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
      '`whoami` tells on which targets. `help shell`, `help flags` or `help TOOL` says more.',
    ].join('\n'),
    examples: [
      ...examples.slice(0, 3),
      ...(first === undefined ? [] : [{ command: `can-i ${first.command}`, about: 'would I be allowed to?' }]),
      { command: 'nodes', about: 'which nodes may I name?' },
      { command: 'pods -n shop web-*', about: 'which pods may I name?' },
      { command: 'runs', about: 'what have I run?' },
      { command: 'whoami', about: 'what may I do?' },
    ],
  }
}

const noToolsHelp: Help = {
  kind: 'help',
  title: 'Debug the network of a cluster from here',
  text: 'You may run nothing yet. `whoami` tells whom to ask; `help shell` shows what a command looks like.',
  examples: [{ command: 'whoami', about: 'who am I here, and whom do I ask?' }],
}

function toFlagPage(): Help {
  return {
    kind: 'help',
    title: 'The flags of shell',
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
    text: has ? toNeedsText(tool) : `No set of yours has it; \`can-i\` tells which would. ${toNeedsText(tool)}`,
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
  if (parts.length === 0) return 'It needs no capability and nothing of the node.'
  return `It needs ${parts.join(', ')}; that is worked out, you need not type it.`
}

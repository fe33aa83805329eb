import type { Message } from '#core/messages/message'
import { type Catalogue, mergeNeeds, type Needs, noNeeds, type Tool } from '#core/request/tool'
import { shellFlags } from './flags.ts'
import { isParseError, nearest, quoted } from './misunderstood.ts'
import { pipe } from './token.ts'
import { toTokens } from './tokens.ts'
import { words } from './words/all-words.ts'
import type { HelpPage } from './words/command-word.ts'

type Help = Extract<Message, { kind: 'help' }>
type Example = Help['examples'][number]

const pages: ReadonlyMap<string, HelpPage> = new Map(
  Object.entries(words).flatMap(([name, word]) => ('help' in word ? [[name, word.help] as const] : [])),
)

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
  const examples = words.shell.help.examples.filter(({ command }) =>
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

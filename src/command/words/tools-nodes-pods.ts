import { isLabelName } from '#core/request/target'
import { defined } from '#core/util/defined'
import { addFlag, type Flag, readFlag, shellFlags } from '../flags.ts'
import { isParseError, parseError, quoted } from '../misunderstood.ts'
import type { ParseError } from '../parsed-shell-command.ts'
import { pipe, type Token, textAt } from '../token.ts'
import type { CommandWord } from './command-word.ts'
import { parseAlone } from './no-argument-or-run-id.ts'

/** Words that list what a person may use. */
export const targetWords = {
  tools: {
    parse: parseAlone('tools'),
    does: 'answers',
    help: {
      title: 'tools: what may I run?',
      text: 'The tools that you may run, with the purpose of each.',
      examples: [{ command: 'tools', about: 'all my tools' }],
    },
  },
  nodes: {
    parse: parseNodes,
    does: 'answers',
    help: {
      title: 'nodes: which nodes may I use?',
      text: 'nodes [PATTERN] [--context CLUSTER]. In PATTERN, * matches anything.',
      examples: [
        { command: 'nodes', about: 'all of them' },
        { command: 'nodes aks-pool1-*', about: 'the nodes of one pool' },
      ],
    },
  },
  pods: {
    parse: parsePods,
    does: 'answers',
    help: {
      title: 'pods: which pods may I use?',
      text: 'pods -n NS [PATTERN] [--context CLUSTER]. In PATTERN, * matches anything.',
      examples: [{ command: 'pods -n shop web-*', about: "the shop's web pods" }],
    },
  },
} satisfies Record<string, CommandWord>

type NodesCommand = { verb: 'nodes'; cluster?: string; pattern?: string }
type PodsCommand = { verb: 'pods'; cluster?: string; namespace: string; pattern?: string }

function parseNodes(tokens: readonly Token[]): NodesCommand | ParseError {
  const read = readList(tokens, 'nodes', ['context'])
  return isParseError(read) ? read : { verb: 'nodes', ...read }
}

function parsePods(tokens: readonly Token[]): PodsCommand | ParseError {
  const read = readList(tokens, 'pods', ['namespace', 'context'])
  return isParseError(read) ? read : { verb: 'pods', ...read, namespace: read.namespace ?? 'default' }
}

/** Reads a pattern and the flags with these names. */
function readList(
  tokens: readonly Token[],
  verb: string,
  names: readonly string[],
): { cluster?: string; namespace?: string; pattern?: string } | ParseError {
  const flags: readonly Flag[] = shellFlags.filter(({ name }) => names.includes(name))
  const values = new Map<string, string[]>()
  const patterns: string[] = []
  let at = 1
  while (at < tokens.length) {
    const word = textAt(tokens, at)
    if (word?.startsWith('-')) {
      const read = readFlag(tokens, at, flags)
      if (isParseError(read)) return read
      addFlag(values, read.flag.name, read.value)
      at = read.next
    } else {
      patterns.push(word ?? pipe)
      at += 1
    }
  }
  const [pattern] = patterns
  const namespace = values.get('namespace')?.at(-1)
  const cluster = values.get('context')?.at(-1)
  if (patterns.length > 1) {
    return parseError('too-many-words', `\`${verb}\` takes one pattern, as in \`${verb} web-*\`.`)
  }
  if (pattern !== undefined && !/^[a-z0-9.*-]{1,253}$/.test(pattern)) {
    return parseError(
      'bad-pattern',
      `${quoted(pattern)} is not a valid pattern: use a name in which * matches anything, such as web-*.`,
    )
  }
  if (namespace !== undefined && !isLabelName(namespace)) {
    return parseError('bad-name', `${quoted(namespace)} is not a valid namespace name.`)
  }
  return {
    ...defined({ cluster, namespace, pattern }),
  }
}

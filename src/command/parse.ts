import { isLabelName } from '#core/request/target'
import type { Catalogue } from '#core/request/tool'
import type { Command, ParseError } from './command.ts'
import { addFlag, type Flag, readFlag, shellFlags } from './flags.ts'
import { commandText, corrected, isParseError, nearest, parseError, quoted } from './misunderstood.ts'
import { parseShell } from './parse-shell-verb.ts'
import { pipe, type Token } from './token.ts'
import { fromArgv, toTokens } from './tokens.ts'

/** Verbs, the first word of every command. */
export const verbs = [
  'shell',
  'can-i',
  'tools',
  'nodes',
  'pods',
  'runs',
  'show',
  'link',
  'rerun',
  'cancel',
  'end',
  'output',
  'approvals',
  'approve',
  'deny',
  'whoami',
  'help',
  'version',
]

/** Verbs that are reserved, but not implemented in this version. */
const plannedVerbs = ['triage']

/** Words that people type instead of `shell`. */
const shellSynonyms = ['run', 'exec', 'debug', 'ssh', 'attach']

/** Prefixes of commands that were copied from elsewhere; they are removed. */
const prefixes = [['kubectl', 'retina'], ['kubectl-retina'], ['/retina'], ['@retina'], ['retina']]

/**
 * Parses a command as typed in chat (`entities`: `&`, `<` and `>` are HTML entities, as Slack sends them), or an argv
 * that a console has split (`words`). Total: never throws, for any input.
 */
export function parse(
  input: { text: string; entities?: boolean } | { words: readonly string[] },
  catalogue: Catalogue,
): Command | ParseError {
  const tokens = 'text' in input ? toTokens(input.text, input.entities ?? false) : fromArgv(input.words)
  if (isParseError(tokens)) return tokens
  return parseVerb(removePrefix(tokens), catalogue)
}

/** Removes the beginning of a command that was copied from elsewhere, such as `kubectl retina`, and a typed `@retina:`. */
export function removePrefix(tokens: readonly Token[]): readonly Token[] {
  const startsWithPrefix = (prefix: readonly string[]) =>
    prefix.every((word, at) => getText(tokens, at)?.toLowerCase().replace(/[:,]$/, '') === word)
  const prefix = prefixes.find(startsWithPrefix)
  return prefix === undefined ? tokens : tokens.slice(prefix.length)
}

function getText(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at]
  return token === undefined || token === pipe ? undefined : token.text
}

function parseVerb(tokens: readonly Token[], catalogue: Catalogue): Command | ParseError {
  if (tokens.length === 0) return { verb: 'help' }
  const verb = getText(tokens, 0)?.toLowerCase() ?? pipe
  switch (verb) {
    case 'shell':
      return parseShell(tokens, 0, catalogue, false)
    case 'can-i':
      return parseCanI(tokens, catalogue)
    case 'nodes':
    case 'pods':
      return parseList(tokens, verb)
    case 'show':
    case 'link':
      return parseId(tokens, verb)
    case 'rerun':
    case 'cancel':
    case 'end':
      return parseId(tokens, verb)
    case 'output':
      return parseOutput(tokens)
    case 'approve':
      return parseApprove(tokens)
    case 'deny':
      return parseDeny(tokens)
    case 'runs':
    case 'approvals':
    case 'tools':
    case 'whoami':
    case 'version':
      return refuseExtraTokens(tokens, 1) ?? { verb }
    case 'help':
    case '--help':
    case '-h':
    case '?':
      return parseHelp(tokens)
    default:
      return explainUnknownVerb(tokens, verb, catalogue)
  }
}

function parseHelp(tokens: readonly Token[]): Command | ParseError {
  const topic = getText(tokens, 1)?.toLowerCase()
  return topic === undefined ? { verb: 'help' } : { verb: 'help', topic: topic.slice(0, 60) }
}

function parseCanI(tokens: readonly Token[], catalogue: Catalogue): Command | ParseError {
  if (getText(tokens, 1)?.toLowerCase() === 'shell') return parseShell(tokens, 1, catalogue, true)
  const rest = commandText(tokens.slice(1))
  const message = '`can-i` goes before a whole `shell` command.'
  return parseError('missing-verb', message, `can-i shell ${rest || 'TARGET dig example.org'}`)
}

/** Returns an error where there are more than `count` tokens. */
function refuseExtraTokens(tokens: readonly Token[], count: number): ParseError | undefined {
  if (tokens.length <= count) return undefined
  const suggestion = commandText(tokens.slice(0, count))
  return parseError('too-many-words', `\`${suggestion}\` takes no further arguments.`, suggestion)
}

function parseId<V extends 'show' | 'link' | 'rerun' | 'cancel' | 'end' | 'output' | 'approve' | 'deny'>(
  tokens: readonly Token[],
  verb: V,
): { verb: V; id: string } | ParseError {
  const id = getText(tokens, 1)?.toLowerCase()
  if (id === undefined) return parseError('missing-id', `Say which run: \`${verb} ID\`. \`runs\` lists yours.`, 'runs')
  // Rejects only texts that can't be an id; whether the run exists is checked later.
  if (!/^[a-z0-9-]{1,64}$/.test(id))
    return parseError('bad-id', `${quoted(id)} is not a valid run ID; \`runs\` lists yours.`)
  return refuseExtraTokens(tokens, 2) ?? { verb, id }
}

/** Maximum length of what is looked for in an output: to search for long words takes long. */
const maxSearchLength = 200

/** Parses `output ID [PAGE] [--grep WORDS…]`. */
function parseOutput(tokens: readonly Token[]): Command | ParseError {
  const read = parseId(tokens.slice(0, 2), 'output')
  if (isParseError(read)) return read
  const flag = tokens.findIndex((token) => token !== pipe && /^--?grep$/.test(token.text))
  const searchText = flag === -1 ? '' : toPlainText(tokens.slice(flag + 1))
  const numbers = tokens.slice(2, flag === -1 ? undefined : flag)
  const page = numbers.length === 0 ? '1' : (getText(numbers, 0) ?? '')
  const suggestion = `output ${read.id} --grep error`
  if (numbers.length > 1 || !/^[1-9]\d{0,5}$/.test(page)) {
    return parseError('bad-page', 'After the ID, give a page number, or `--grep` and what to look for.', suggestion)
  }
  if (flag !== -1 && searchText.trim() === '')
    return parseError('missing-words', 'Say what to look for after `--grep`.', suggestion)
  if (searchText.length > maxSearchLength) {
    return parseError('too-long', `What to look for has at most ${maxSearchLength} characters.`, suggestion)
  }
  return { ...read, page: Number(page), ...(flag === -1 ? {} : { words: searchText }) }
}

/** Returns tokens as text for people, without quotes. */
function toPlainText(tokens: readonly Token[]): string {
  return tokens.map((token) => (token === pipe ? pipe : token.text)).join(' ')
}

/** Parses `approve ID [--window]`. */
function parseApprove(tokens: readonly Token[]): Command | ParseError {
  const rest = tokens.filter((token, at) => at < 1 || token === pipe || !/^--?window$/.test(token.text))
  const read = parseId(rest, 'approve')
  return isParseError(read) ? read : { ...read, window: rest.length < tokens.length }
}

/** Parses `deny ID REASON…`: everything after the id is the reason. */
function parseDeny(tokens: readonly Token[]): Command | ParseError {
  const read = parseId(tokens.slice(0, 2), 'deny')
  if (isParseError(read)) return read
  const reason = toPlainText(tokens.slice(2))
  return { ...read, ...(reason === '' ? {} : { reason }) }
}

function parseList(tokens: readonly Token[], verb: 'nodes' | 'pods'): Command | ParseError {
  const names = verb === 'pods' ? ['namespace', 'context'] : ['context']
  const flags: readonly Flag[] = shellFlags.filter(({ name }) => names.includes(name))
  const values = new Map<string, string[]>()
  const patterns: string[] = []
  let at = 1
  while (at < tokens.length) {
    const word = getText(tokens, at)
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
  const shared = { ...(cluster === undefined ? {} : { cluster }), ...(pattern === undefined ? {} : { pattern }) }
  return verb === 'nodes' ? { verb, ...shared } : { verb, namespace: namespace ?? 'default', ...shared }
}

function explainUnknownVerb(tokens: readonly Token[], verb: string, catalogue: Catalogue): ParseError {
  const all = commandText(tokens)
  if (plannedVerbs.includes(verb)) return parseError('not-available', `\`${verb}\` is not supported yet.`)
  if (verb === 'export') {
    const message = 'Shell variables are not supported; choose another image with --retina-shell-image-repo REPO.'
    return parseError('unknown-verb', message)
  }
  if (catalogue.tool(verb) !== undefined) {
    const message = `Say on which node or pod ${verb} should run.`
    return parseError('missing-target', message, `shell TARGET ${corrected(tokens, 0, verb)}`)
  }
  if (shellSynonyms.includes(verb)) {
    return parseError('unknown-verb', `The command for that is \`shell\`.`, corrected(tokens, 0, 'shell'))
  }
  const beforeTool = catalogue.tool(getText(tokens, 1) ?? '') !== undefined
  if (beforeTool || verb.startsWith('-') || /^(no|nodes?|po|pods?)\/./.test(verb)) {
    return parseError('missing-verb', 'A command begins with its verb, here `shell`.', `shell ${all}`)
  }
  const similar = nearest(verb, verbs)
  if (similar !== undefined) {
    return parseError(
      'unknown-verb',
      `There is no command ${quoted(verb)}; the closest is ${similar}.`,
      corrected(tokens, 0, similar),
    )
  }
  const tool = nearest(verb, catalogue.names)
  if (tool !== undefined) {
    const message = `There is no command ${quoted(verb)}; the closest tool is ${tool}.`
    return parseError('missing-target', message, `shell TARGET ${corrected(tokens, 0, tool)}`)
  }
  const message = `There is no command ${quoted(verb)}. The commands are ${verbs.join(', ')}.`
  return parseError('unknown-verb', message, 'help')
}

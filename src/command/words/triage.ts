import { defined } from '#core/util/defined'
import type { FanOutCommand, ParseError, TypedTarget } from '../command.ts'
import { addFlag, type Flag, readFlag, shellFlags } from '../flags.ts'
import { isParseError, parseError, quoted } from '../misunderstood.ts'
import { toSelection } from '../selection.ts'
import { toTarget } from '../target.ts'
import { pipe, type Token, textAt } from '../token.ts'
import type { CommandWord, HelpPage } from './command-word.ts'
import { parseAlone } from './parse-arguments.ts'

const help: HelpPage = {
  title: 'triage: what is wrong here?',
  text: [
    'triage TARGET [PLAYBOOK…] runs the checks of playbooks and says in one message what is wrong, how sure that is, and what to type next.',
    'TARGET is a node (node001) or a pod (-n NS pod/NAME); -l SELECTOR instead of it compares many.',
    'Checks only read, and each is judged as if you had typed it: what you may not run is named, with the set that would give it.',
    'triage --again in the thread of a triage says what changed since. playbooks lists the playbooks.',
  ].join('\n'),
  examples: [
    { command: 'triage node001', about: "is this node's network ill?" },
    { command: 'triage -n shop pod/web-1', about: 'can this pod reach what it needs?' },
    { command: 'triage -l pool=web', about: 'which of these nodes differ from the others?' },
    { command: 'playbooks', about: 'which checks are there?' },
  ],
}

/** Words that look for causes. */
export const triageWords = {
  triage: { parse: parseTriage, does: 'acts', help },
  playbooks: { parse: parseAlone('playbooks'), does: 'answers', help },
  next: { parse: parseNext, does: 'acts', help },
} satisfies Record<string, CommandWord>

/** Checks on a target, on those that a selector matches, or again on those of the thread. */
export type TriageCommand = {
  verb: 'triage'
  on: { target: TypedTarget } | Pick<FanOutCommand, 'from' | 'labels' | 'targets'> | 'again'
  playbooks: readonly string[]
}

/** Carries out what a finding of a triage suggests. */
type NextCommand = { verb: 'next'; id: string; check?: string }

const flags: readonly Flag[] = [
  ...shellFlags.filter(({ name }) => ['namespace', 'context', 'container', 'selector', 'targets'].includes(name)),
  { name: 'again', about: 'the same once more, and what changed since' },
]

function parseTriage(tokens: readonly Token[]): TriageCommand | ParseError {
  const values = new Map<string, string[]>()
  const positionals: { at: number; word: string }[] = []
  for (let at = 1; at < tokens.length; ) {
    const word = textAt(tokens, at)
    if (word === undefined)
      return parseError('too-many-words', '`triage` takes no filters: it says by itself what matters.')
    if (word.startsWith('-')) {
      const read = readFlag(tokens, at, flags)
      if (isParseError(read)) return read
      addFlag(values, read.flag.name, read.value)
      at = read.next
    } else {
      positionals.push({ at, word })
      at += 1
    }
  }
  const hasSelector = values.has('selector')
  const isAgain = values.get('again')?.at(-1) === 'true'
  const [first, ...rest] = positionals
  if (isAgain && (hasSelector || first !== undefined))
    return parseError(
      'conflict',
      '`triage --again` repeats the triage of its thread; leave out the target.',
      'triage --again',
    )
  const playbooks = toPlaybooks((hasSelector ? positionals : rest).map(({ word }) => word))
  if (isParseError(playbooks)) return playbooks
  if (isAgain) return { verb: 'triage', on: 'again', playbooks }
  if (hasSelector) {
    const selection = toSelection(values, undefined)
    return isParseError(selection) ? selection : { verb: 'triage', on: selection, playbooks }
  }
  if (first === undefined)
    return parseError(
      'missing-target',
      'Name what to look at: a node such as node001, or a pod such as -n shop pod/web-1.',
      'triage node001',
    )
  const target = toTarget(tokens, first.at, first.word, values)
  if (isParseError(target)) return target
  if (target.kind === 'owner')
    return parseError(
      'unknown-kind',
      `triage looks at nodes and pods: name one of the pods, which \`pods -n ${target.namespace}\` lists.`,
      `triage -n ${target.namespace} pod/NAME`,
    )
  return { verb: 'triage', on: { target }, playbooks }
}

function toPlaybooks(words: readonly string[]): readonly string[] | ParseError {
  const bad = words.find((word) => !/^[a-z][a-z0-9-]{0,39}$/.test(word))
  if (bad === undefined) return words
  return parseError('bad-name', `${quoted(bad)} is not the name of a playbook; \`playbooks\` lists them.`)
}

/** Parses `next ID [CHECK]`, which the button of a finding means; without CHECK, the first finding. */
function parseNext(tokens: readonly Token[]): NextCommand | ParseError {
  const [id = '', check] = [textAt(tokens, 1)?.toLowerCase(), textAt(tokens, 2)?.toLowerCase()]
  const isRead = /^[a-z0-9]{1,64}$/.test(id) && (check === undefined || /^[a-z][a-z0-9-]{0,39}$/.test(check))
  if (isRead && tokens.length <= 3 && !tokens.includes(pipe)) return { verb: 'next', id, ...defined({ check }) }
  return parseError('bad-id', '`next ID CHECK` takes the ID of a triage and the name of one of its findings.')
}

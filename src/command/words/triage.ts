import type { Destination } from '#core/triage/facts-of-api-objects'
import { defined } from '#core/util/defined'
import { addFlag, type Flag, type FlagValues, isOn, readFlag, shellFlags } from '../flags.ts'
import { isParseError, parseError, quoted } from '../misunderstood.ts'
import { noAll, toPodsOfOwner } from '../parse-shell-verb.ts'
import type { FanOutCommand, ParseError, TypedOwner, TypedTarget } from '../parsed-shell-command.ts'
import { toSelection } from '../selection.ts'
import { toTarget } from '../target.ts'
import { pipe, type Token, textAt } from '../token.ts'
import type { CommandWord, HelpPage } from './command-word.ts'
import { parseAlone } from './no-argument-or-run-id.ts'
import { type AlertTriageCommand, parseTriageOfAlert } from './triage-of-alert.ts'

const help: HelpPage = {
  title: 'triage: what is wrong here?',
  text: [
    'triage TARGET [PLAYBOOK…] runs the checks of playbooks and says in one message what is wrong, how sure that is, and what to type next.',
    'TARGET is a node (node001) or a pod (-n NS pod/NAME); -l SELECTOR instead of it compares many.',
    '--to HOST:PORT looks at what the target has to reach: a Service, a name or an address.',
    'TARGET is a node (node001), a pod (-n NS pod/NAME, with its node), a Service (-n NS svc/NAME: its endpoints, its address, each endpoint), or what owns pods',
    '(-n NS deploy/NAME, sts/, ds/, job/: one of its pods, a ready one first; with --all, all of them). -l SELECTOR instead of it compares many.',
    'PLAYBOOK is a name that playbooks lists, or everything; left out, those that are usual for the target.',
    'Checks only read, and each is judged as if you had typed it: what you may not run is named, with the set that would give it.',
    'triage --again in the thread of a triage says what changed since.',
  ].join('\n'),
  examples: [
    { command: 'triage node001', about: "is this node's network ill?" },
    { command: 'triage -n shop pod/web-1', about: 'can this pod reach what it needs?' },
    { command: 'triage -n shop pod/web-1 --to db:5432', about: 'why does it not reach this Service?' },
    { command: 'triage -n shop svc/web', about: 'does this Service lead anywhere?' },
    { command: 'triage -n shop deploy/web --all', about: 'which of its pods differ from the others?' },
    { command: 'triage -l pool=web', about: 'which of these nodes differ from the others?' },
    { command: 'triage node001 dns', about: 'only one playbook' },
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
  on: { target: TypedTarget | TypedOwner } | Pick<FanOutCommand, 'from' | 'labels' | 'targets'> | 'again'
  playbooks: readonly string[]
  /** What the targets have to reach. */
  to?: Destination
}

/** Carries out what a finding of a triage suggests. */
type NextCommand = { verb: 'next'; id: string; check?: string }

const flags: readonly Flag[] = [
  ...shellFlags.filter(({ name }) =>
    ['namespace', 'context', 'container', 'selector', 'all', 'targets'].includes(name),
  ),
  { name: 'to', value: 'HOST:PORT', about: 'what it has to reach: a Service, a name or an address, with a port' },
  { name: 'again', about: 'the same once more, and what changed since' },
]

function parseTriage(tokens: readonly Token[]): TriageCommand | AlertTriageCommand | ParseError {
  return parseTriageOfAlert(tokens) ?? parseTriageOfTarget(tokens)
}

type Words = { values: Map<string, string[]>; positionals: readonly { at: number; word: string }[] }

function readWords(tokens: readonly Token[]): Words | ParseError {
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
  return { values, positionals }
}

function parseTriageOfTarget(tokens: readonly Token[]): TriageCommand | ParseError {
  const words = readWords(tokens)
  if (isParseError(words)) return words
  const { values, positionals } = words
  const hasSelector = values.has('selector')
  const isAgain = isOn(values, 'again')
  const [first, ...rest] = positionals
  if (isAgain && (hasSelector || first !== undefined))
    return parseError(
      'conflict',
      '`triage --again` repeats the triage of its thread; leave out the target.',
      'triage --again',
    )
  const reaching = toReaching(values, isAgain)
  if (isParseError(reaching)) return reaching
  const playbooks = toPlaybooks((hasSelector ? positionals : rest).map(({ word }) => word))
  if (isParseError(playbooks)) return playbooks
  if (isAgain) return { verb: 'triage', on: 'again', playbooks }
  if (hasSelector) {
    const selection = isOn(values, 'all') ? noAll : toSelection(values, undefined)
    return isParseError(selection) ? selection : { verb: 'triage', on: selection, playbooks, ...reaching }
  }
  if (first === undefined)
    return parseError(
      'missing-target',
      'Name what to look at: a node such as node001, a pod such as -n shop pod/web-1, or a Service such as -n shop svc/web.',
      'triage node001',
    )
  const target = toTarget(tokens, first.at, first.word, values)
  if (isParseError(target)) return target
  if (!isOn(values, 'all')) return { verb: 'triage', on: { target }, playbooks, ...reaching }
  const on = target.kind === 'owner' ? toPodsOfOwner(target, values) : noAll
  return isParseError(on) ? on : { verb: 'triage', on, playbooks, ...reaching }
}

/** Returns what the targets have to reach, as `--to` says it. */
function toReaching(values: FlagValues, isAgain: boolean): Pick<TriageCommand, 'to'> | ParseError {
  const to = toDestination(values.get('to')?.at(-1))
  if (isParseError(to)) return to
  if (isAgain && to !== undefined)
    return parseError('conflict', '`triage --again` repeats the triage of its thread; leave out --to.')
  return defined({ to })
}

/** Parses `HOST:PORT`, with brackets around an IPv6 address. */
function toDestination(word: string | undefined): Destination | ParseError | undefined {
  if (word === undefined) return undefined
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([\da-fA-F:.]{2,45})\]|([A-Za-z0-9_][A-Za-z0-9_.-]{0,252})):(\d{1,5})$/.exec(word) ?? []
  const [host, port] = [bracketed ?? plain, Number(digits)]
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port }
  return parseError(
    'bad-value',
    `--to takes a host and a port, as in \`--to web:80\` or \`--to 10.0.0.7:443\`; ${quoted(word)} is neither.`,
    'triage -n shop pod/web-1 --to web:80',
  )
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

import { isParseError, parseError } from '../misunderstood.ts'
import type { ParseError } from '../parsed-shell-command.ts'
import { pipe, type Token, textAt } from '../token.ts'
import type { CommandWord, HelpPage } from './command-word.ts'
import { parseAlone, parseId, parseWithId, toPlainText } from './no-argument-or-run-id.ts'
import { parseRecordings } from './parse-recordings.ts'

const help: HelpPage = {
  title: 'runs, show, output, rerun, cancel, sessions, open, end, recordings, replay: what I have run',
  text: [
    'runs lists your latest runs; show ID, rerun ID and cancel ID do the same as the buttons.',
    'output ID [PAGE] shows the whole output, page by page; with --grep WORDS, the lines that contain them. Nothing runs again.',
    'A pod may stay ready for a while after a run, so that your next command there starts sooner; end ID removes it at once.',
    'sessions lists your open shells; open ID sends you a new link to one, for another browser, and end ID ends it.',
    'recordings lists the recordings of your shells, and those of others that you may see; replay ID sends you a private link to one. --target, --person and --since (7d, 12h, 2027-01-31) narrow the list.',
    'link ID gives you a private page with the whole output, if the bot has pages.',
  ].join('\n'),
  examples: [
    { command: 'runs', about: 'my latest runs' },
    { command: 'show abcdefgh2345', about: 'one of them with its output' },
    { command: 'output abcdefgh2345 --grep DROP', about: 'its lines that contain DROP' },
    { command: 'cancel abcdefgh2345', about: 'stop it now' },
    { command: 'end abcdefgh2345', about: 'remove the pod that stayed ready after it' },
  ],
}

/** Words about runs. */
export const runWords = {
  runs: { parse: parseAlone('runs'), does: 'answers', help },
  show: { parse: parseWithId('show'), does: 'answers', help },
  link: { parse: parseWithId('link'), does: 'answers-in-chat', help },
  rerun: { parse: parseWithId('rerun'), does: 'acts', help },
  cancel: { parse: parseWithId('cancel'), does: 'acts', help },
  end: { parse: parseWithId('end'), does: 'acts', help },
  sessions: { parse: parseAlone('sessions'), does: 'answers', help },
  open: { parse: parseWithId('open'), does: 'acts', help },
  recordings: { parse: parseRecordings, does: 'answers', help },
  replay: { parse: parseWithId('replay'), does: 'answers-in-chat', help },
  output: { parse: parseOutput, does: 'answers', help },
} satisfies Record<string, CommandWord>

/** Page of a run's output (from 1), or the lines of its output that contain `words`. */
type OutputCommand = { verb: 'output'; id: string; page: number; words?: string }

/** Maximum length of what is looked for in an output: to search for long words takes long. */
const maxSearchLength = 200

/** Parses `output ID [PAGE] [--grep WORDS…]`. */
function parseOutput(tokens: readonly Token[]): OutputCommand | ParseError {
  const read = parseId(tokens.slice(0, 2), 'output')
  if (isParseError(read)) return read
  const flag = tokens.findIndex((token) => token !== pipe && /^--?grep$/.test(token.text))
  const searchText = flag === -1 ? '' : toPlainText(tokens.slice(flag + 1))
  const numbers = tokens.slice(2, flag === -1 ? undefined : flag)
  const page = numbers.length === 0 ? '1' : (textAt(numbers, 0) ?? '')
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

import { commandOf } from '#adapters/slack/form'
import { bitsOf } from '#core/request/address-bits'
import { toCapability } from '#core/request/capability'
import { findMentions, readAnyWord } from '#core/request/find-hosts-in-argument'
import { imageName, imageText } from '#core/request/image'
import { readHost } from '#core/request/read-host'
import { toDestinationRule } from '#core/request/resolve-destinations'
import { matchesName, parseLabels } from '#core/request/selector'
import { isLabelName, isObjectName } from '#core/request/target'
import { formatPipeline, quoteText, shellQuote } from '#core/util/quote'
import { helpMessage } from '#src/command/help'
import { isParseError, nearest } from '#src/command/misunderstood'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { toTokens } from '#src/command/tokens'
import { toPieces, undoDashes, undoTypography } from '#src/command/undo-typography'
import { catalogue, tools } from '#src/tools/index'
import { anyLengths, type HostileFunction, someLengths, typedLengths } from './hostile-function.ts'

/** Reads what was typed, and plans it where it is a command for a tool. */
function understand(text: string, entities = false): void {
  const command = parse({ text, entities }, catalogue)
  if (command.verb === 'shell') plan(command, catalogue, { repo: 'r', version: 'v' })
  if (command.verb === 'help') helpMessage(command.topic, catalogue, () => true)
  if (isParseError(command) && command.suggestion !== undefined) parse({ text: command.suggestion }, catalogue)
}

/** Words around the text, as people type them. */
const frames: readonly (readonly [string, string])[] = [
  ['', ''],
  ['shell ', ''],
  ['shell node001 ', ''],
  ['shell node001 dig ', ''],
  ["shell node001 dig '", "'"],
  ['shell node001 dig "', '"'],
  ['shell node001 dig `', '`'],
  ['shell node001 dig \u2014', ''],
  ['shell node001 curl https://a/', ''],
  ['shell node001 curl -w ', ' https://a'],
  ['shell node001 ping x | ', ''],
  ['shell node001 -c ', ' ping x'],
  ['shell -l ', ' ping x'],
  ['shell --reason ', ' node001 ping x'],
  ['shell -', ' node001 ping x'],
  ['shell --', ' node001 ping x'],
  ['shell -n ', ' pod/a ping x'],
  ['shell --timeout ', ' node001 ping x'],
  ['shell --retina-shell-image-repo ', ' node001 ping x'],
  ['shell pod/', ' ping x'],
  ['can-i shell node001 ', ''],
  ['nodes ', ''],
  ['pods -n ', ''],
  ['output abcdefgh2345 --grep ', ''],
  ['output abcdefgh2345 ', ''],
  ['deny abcdefgh2345 ', ''],
  ['approve ', ''],
  ['show ', ''],
  ['help ', ''],
  ['<@U1> ', ''],
  ['```', '```'],
  ['root@node:', '# shell'],
]

/** Slack sends entities and links, which are decoded before anything is parsed, so a few frames show all that is different there. */
const typed: readonly HostileFunction[] = frames.flatMap(([before, after], index) =>
  (index % 4 === 0 ? [false, true] : [false]).map((entities) => ({
    name: `typed${entities ? ' in Slack' : ''}: ${before}…${after}`,
    lengths: typedLengths,
    run: (text: string) => understand(`${before}${text}${after}`, entities),
  })),
)

const one = (name: string, run: (text: string) => unknown, lengths = anyLengths): HostileFunction => ({
  name,
  lengths,
  run: (text) => void run(text),
})

const direct: readonly HostileFunction[] = [
  one('typed, of any length', (text) => understand(text)),
  one('typed in Slack, of any length', (text) => understand(text, true)),
  one('words of a console, one', (text) => parse({ words: ['shell', 'node001', 'dig', text] }, catalogue)),
  one(
    'words of a console, many',
    (text) => parse({ words: ['shell', 'node001', 'dig', ...text.split('')] }, catalogue),
    someLengths,
  ),
  one('toTokens', (text) => toTokens(text, false)),
  one('undoTypography', undoTypography),
  one('toPieces', (text) => toPieces(text, false), someLengths),
  one('toPieces of Slack', (text) => toPieces(text, true), someLengths),
  one('undoDashes', (text) => undoDashes([...text].map((char) => ({ char, literal: false }))), someLengths),
  one('nearest', (text) => nearest(text, catalogue.names)),
  one('parseLabels', parseLabels),
  one('parseLabels of a set', (text) => parseLabels(`zone in (${text})`)),
  one('matchesName: pattern', (text) => matchesName(text, 'node001')),
  one('matchesName: name', (text) => matchesName('*a*b*c*', text)),
  one('matchesName: both', (text) => matchesName(`${text}*b`, text)),
  one('isObjectName', isObjectName),
  one('isLabelName', isLabelName),
  one('toCapability', toCapability),
  one('imageName', (text) => imageText(imageName(text).repo)),
  one('readAnyWord', readAnyWord),
  one('findMentions', findMentions),
  one('readHost', (text) => readHost(text, 'host')),
  one('readHost of a URL', (text) => readHost(text, 'url')),
  one('readHost of networks', (text) => readHost(text, 'network')),
  one('toDestination of an address', (text) => readAnyWord(`https://${text}/`)),
  one('toDestination of a host and a port', (text) => readAnyWord(`${text}:80`)),
  one('toDestinationRule', toDestinationRule),
  one('bitsOf', bitsOf),
  one('shellQuote', shellQuote),
  one('quoteText', quoteText),
  one('formatPipeline', (text) => formatPipeline([text.split(' ')])),
  one('a form of Slack', (text) => commandOf(formWith(text))),
]

function formWith(text: string): Parameters<typeof commandOf>[0] {
  return {
    target: { target: { selected_option: { value: text } } },
    tool: { tool: { selected_option: { value: 'dig' } } },
    words: { words: { value: text } },
    capabilities: { capabilities: { value: text } },
    reason: { reason: { value: text } },
  }
}

/** Where a tool's arguments have the text. */
const places: Readonly<Record<string, (text: string) => readonly string[]>> = {
  'one word': (text) => [text],
  'many words': (text) => text.split(' '),
  'an option': (text) => [`-${text}`],
  'a long option and values': (text) => [`--${text}=${text}`, 'x', '-o', text, '-w', text, '-n', text],
}

const readings: readonly HostileFunction[] = tools.flatMap(({ name, read, reaches }) =>
  Object.entries(places).map(([place, argsOf]) => ({
    name: `${name} reads ${place}`,
    lengths: typedLengths,
    run(text: string) {
      const argv = [name, ...argsOf(text)]
      read(argv, 'node')
      reaches?.(argv)
    },
  })),
)

/** Everything that reads typed words. */
export const readersOfWords: readonly HostileFunction[] = [...typed, ...direct, ...readings]

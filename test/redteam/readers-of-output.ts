import { toBlocks, toMessage } from '#adapters/slack/blocks'
import { summaryOf, toCard } from '#adapters/teams/cards'
import { chartText } from '#core/messages/chart-text'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { namesText } from '#core/messages/render-fan-out'
import { codePieces, plainText } from '#core/messages/view'
import { hintFor } from '#core/output/hints'
import { interpretOutput } from '#core/output/interpret'
import { outputPager } from '#core/output/output-page'
import { viewText } from '#core/output/output-view'
import { createRedactor, redactionsIn } from '#core/output/redact'
import { sanitise } from '#core/output/sanitise'
import { createTranscript } from '#core/output/transcript-builder'
import { tableText } from '#core/util/text-table'
import { utf8Length } from '#core/util/utf8-length'
import { frameReader } from '#src/kubernetes/process/runner-frames'
import { containerState } from '#src/kubernetes/workload/container-state'
import { challengeOf } from '#src/registry/challenge'
import { catalogue, tools } from '#src/tools/index'
import { endedWith } from '#test/samples/messages'
import { sampleRequest, sampleRun } from '#test/samples/run'
import { anyLengths, type HostileFunction, someLengths } from './hostile-function.ts'

const one = (name: string, run: (text: string) => unknown, lengths = anyLengths): HostileFunction => ({
  name,
  lengths,
  run: (text) => void run(text),
})

/** Characters of one chunk, as small writes of a tool arrive. */
const smallChunk = 100

function transcriptOf(text: string, chunk: number): void {
  const transcript = createTranscript()
  for (let at = 0; at < text.length; at += chunk) transcript.add({ stream: 'stdout', text: text.slice(at, at + chunk) })
  transcript.view(3_000)
  transcript.finish()
  transcript.take()
}

/** Expressions that an owner may write, slow ones by JavaScript's own engine among them. */
const ownerPatterns = [
  'ACME-[0-9]{8}',
  '(a+)+$',
  '(.*)*=(.*)*;',
  'key.*=.*',
  '\\w+-secret',
  '(a|aa)+b',
  '\\s+x',
  'a.*b|a',
  '-.*x|-',
  '(eyJ|-)*x',
]

const output: readonly HostileFunction[] = [
  one('sanitise', sanitise),
  one('redact a line', (text) => createRedactor().line(text)),
  one('redact lines', (text) => createRedactor().lines(`${text}\n`)),
  one('redact a line that grows', (text) => createRedactor().peek(text)),
  one('redact inside a key', (text) => createRedactor([], { block: { is: 'key', column: 0, misses: 0 } }).line(text)),
  ...ownerPatterns.map((pattern) =>
    one(`redact by the owner's ${pattern}`, (text) => createRedactor([pattern]).line(text), {
      from: 8_000,
      to: 65_000,
    }),
  ),
  one('redactionsIn', redactionsIn),
  one('a transcript', (text) => transcriptOf(text, text.length)),
  one('a transcript of small chunks', (text) => transcriptOf(text, smallChunk)),
  one('a transcript of lines', (text) => transcriptOf(`${text}\n`.repeat(2), text.length)),
  one('the view of a transcript', (text) => viewOfTranscript(text)),
  one('viewText', (text) => viewText(text, 3_000)),
  one('a page of an output', (text) => pageOf(text, {})),
  one('a page of lines that hold words', (text) => pageOf(text, { words: text.slice(0, 100) })),
  one('utf8Length', utf8Length),
  one('frames of the runner', (text) => frameReader().read(text.split('\n'), true)),
  one('one frame', (text) => frameReader().read([`o 0 1 ${text}`], true)),
  one('a frame with a long number', (text) => frameReader().read([`o ${text} 1 YQ==`, `o 1 ${text} YQ==`], true)),
  one('the last frame', (text) => frameReader().read([`x ${text}`], true)),
  one('the state of a container', (text) => stateOf(text)),
  one('the challenge of a registry', (text) => challengeOf(`Bearer realm="${text}",${text}`)),
  one('the challenge of a registry, no realm', (text) => challengeOf(`Bearer ${text}`)),
]

function viewOfTranscript(text: string): void {
  const transcript = createTranscript()
  transcript.add({ stream: 'stdout', text })
  transcript.add({ stream: 'stderr', text })
  for (let view = 0; view < 3; view += 1) transcript.view(3_000)
}

function pageOf(text: string, query: { words?: string }): void {
  const pager = outputPager({ page: 2, ...query }, 3_000)
  pager.add(text)
  pager.page()
}

function stateOf(message: string): void {
  const waiting = { reason: 'CreateContainerError', message }
  const containerStatuses = [{ name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, state: { waiting } }]
  containerState({ status: { containerStatuses } }, 'c')
}

/** Messages that hold the text in each of their parts. */
const messages: Readonly<Record<string, (text: string) => Message>> = {
  'a refusal': (text) => ({ kind: 'refused', message: text, wayOut: text, typed: text }),
  'a misunderstanding': (text) => ({ kind: 'misunderstood', message: text, typed: text, suggestion: text }),
  help: (text) => ({ kind: 'help', title: text, text, examples: [{ command: text, about: text }] }),
  'a list': (text) => ({
    kind: 'listing',
    title: text,
    columns: ['a', 'b'],
    rows: text.split('\n').map((cell) => [cell, cell]),
    note: text,
  }),
  'an ending': (text) => ({ ...endedWith(text), hint: text }),
  'a page': (text) => ({
    kind: 'output',
    run: 'a',
    what: text,
    text,
    page: 1,
    pages: 2,
    lines: 1,
    found: 1,
    words: text,
  }),
}

const rendered: readonly HostileFunction[] = Object.entries(messages).flatMap(([name, of]) => [
  one(`${name} in Slack`, (text) => toMessage(of(text))),
  one(`${name} in a form of Slack`, (text) => toBlocks(renderMessage(of(text)))),
  one(`${name} in Teams`, (text) => toCard(of(text), true)),
  one(`${name} as a notification`, (text) => summaryOf(of(text))),
  one(`${name} as text`, (text) => plainText(renderMessage(of(text)))),
])

const texts: readonly HostileFunction[] = [
  one('codePieces', codePieces),
  one('tableText', (text) =>
    tableText(
      ['a'],
      text.split(' ').map((cell) => [cell]),
    ),
  ),
  one('tableText of one cell', (text) => tableText(['a'], [[text]])),
  one('chartText', (text) => chartText({ title: text, unit: text, over: text, points: [] })),
  one(
    'chartText of many points',
    (text) => chartText({ title: '', unit: '', over: '', points: Array.from(text, (_each, x) => ({ x, y: x })) }),
    someLengths,
  ),
  one('namesText', (text) => namesText(text.split(' '))),
]

/** Reads the output of a tool as its result message does. */
function interpret(tool: string, argv: readonly string[], text: string): void {
  const stage = { tool, given: [tool, ...argv], argv: [tool], tools: [tool], special: [], known: true }
  const run = sampleRun({ request: sampleRequest({ pipeline: [stage] }) })
  const at = '2026-11-24T03:00:05.000Z'
  const end = { reason: 'failed' as const, exitCode: 1, complete: true, at, message: text }
  interpretOutput(run, end, { whole: true, tail: text }, catalogue)
  hintFor(run, end, text, catalogue)
}

/** Arguments that choose another way to read. */
const modes: Readonly<Record<string, readonly (readonly string[])[]>> = {
  conntrack: [[], ['-S'], ['-C']],
  curl: [[], ['-w', '%{http_code} %{time_total} %{time_connect}\\n'], ['-w', '%{a}%{b}%{c}%{a}'], ['-w', '%{1a}']],
  journalctl: [[], ['-p', 'err']],
  ip: [[], ['route']],
  ss: [[], ['-ltn']],
}

const insights: readonly HostileFunction[] = tools.flatMap(({ name, insight, hints }) =>
  (modes[name] ?? [[]]).flatMap((argv) => [
    one(`${[name, ...argv].join(' ')}: its output`, (text) =>
      insight?.({ text, argv: [name, ...argv], at: '2026-11-24T03:00:05.000Z' }),
    ),
    one(`${[name, ...argv].join(' ')}: its result`, (text) => interpret(name, argv, text)),
    ...(hints.length === 0
      ? []
      : [one(`${name}: its hints`, (text) => hints.map(({ pattern }) => new RegExp(pattern, 'm').test(text)))]),
  ]),
)

/** Everything that reads or shows an output. */
export const readersOfOutput: readonly HostileFunction[] = [...output, ...rendered, ...texts, ...insights]

/** Everything that finds a meaning in the output of one tool. */
export function readersOf(tool: string): readonly HostileFunction[] {
  return insights.filter(({ name }) => name.startsWith(`${tool} `) || name.startsWith(`${tool}:`))
}

import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { consolePrinter } from '#adapters/console/printer'
import { toMessage } from '#adapters/slack/blocks'
import { summaryOf, toCard } from '#adapters/teams/cards'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { formatPipeline } from '#core/util/quote'
import { messageError } from '#test/fakes/slack/limits'
import { approvalCards, type CardTexts, harmless } from '#test/samples/approval-cards'
import { anyText, hostileTexts } from '#test/samples/hostile-text'

/** Returns a text without what people wrote: quoted texts, the command, and what was left out of them. */
function frameOf(text: string): string {
  return text
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/ \([\d,]+ more characters?\)/g, '')
    .replaceAll(/(: |^)cat \/host\/x .*( on node\/node001|$)/gm, '$1COMMAND$2')
    .replace(/^(Image: |)\S+, digest /, '$1IMAGE, digest ')
    .replace(/^Requested by .*( · set probe · cluster dev · at most 60 s · run abcdefgh2345)$/, 'BY$1')
    .replace(/^Added: -c 5 for.*/, 'ADDED')
}

const lineEnds = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2800]|\p{M}{3}/u

/** Returns a text without what adapters themselves add that isn't seen: a sign's variant, and what splits `{{DATE(`. */
const withoutOwn = (text: string) => text.replace(/^⚠\ufe0f /, '').replaceAll('{\u2060{', '')

/** Returns lines as a reader tells them apart, each without what people wrote. */
function linesOf(text: string): string[] {
  return text.split(lineEnds).map(frameOf)
}

/** Returns what markup in a text would become: mentions, links and quotations of Slack's `mrkdwn`. */
function markupOf(text: string): string[] {
  return text.match(/<[^>]*>|^&gt;/gm) ?? []
}

/** Returns a value with each text replaced by its lines without what people wrote; keys, types and numbers stay. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'string') return linesOf(value)
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]))
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** Prints a message as the console does. */
function printed(message: Message): string {
  const lines: string[] = []
  consolePrinter((text) => lines.push(text)).show(message)
  return lines.join('\n')
}

type Sent = { chat: string; shape: unknown; texts: string[] }

/** Returns what each chat is sent, in the form that its client parses. */
function sentOf(message: Message, { text, blocks }: ReturnType<typeof toMessage>): Sent[] {
  const cards = [toCard(message), toCard(message, true)]
  const dates = JSON.stringify(cards).match(/\{\{(DATE|TIME)\(/g)?.length
  const summary = summaryOf(message)
  const view = { ...renderMessage(message), typed: undefined }
  const print = printed(message)
  return [
    { chat: 'Slack’s blocks', shape: shapeOf(blocks), texts: textsIn(blocks) },
    { chat: 'Slack’s text', shape: { lines: linesOf(text), markup: markupOf(text) }, texts: text.split('\n') },
    { chat: 'Teams’ card', shape: { cards: shapeOf(cards), dates }, texts: textsIn(cards) },
    { chat: 'Teams’ notification', shape: linesOf(summary), texts: [summary] },
    { chat: 'the web page', shape: shapeOf(view), texts: textsIn(view) },
    { chat: 'the console', shape: linesOf(print), texts: print.split('\n') },
  ]
}

/** What each chat is sent of the harmless request, by card. */
const expected = approvalCards(harmless).map((card) => sentOf(card, toMessage(card)))

function expectSameCards(texts: CardTexts): void {
  for (const [at, card] of approvalCards(texts).entries()) {
    const inSlack = toMessage(card)
    for (const [index, { chat, shape, texts: shown }] of sentOf(card, inSlack).entries()) {
      const plain = expected[at]?.[index]?.shape
      // Jest's comparison takes most of the time, and is needed for its difference only.
      if (JSON.stringify(shape) !== JSON.stringify(plain))
        expect([chat, card.kind, shape]).toEqual([chat, card.kind, plain])
      const unseen = shown.filter((text) => invisible.test(withoutOwn(text)))
      if (unseen.length > 0)
        throw new Error(`${chat} shows ${card.kind} with something unseen: ${JSON.stringify(unseen)}`)
    }
    const mistake = messageError(inSlack.text, inSlack.blocks)
    if (mistake !== undefined) throw new Error(`Slack refuses ${card.kind}: ${mistake}`)
  }
}

test.each(Object.keys(harmless) as (keyof CardTexts)[])(
  'T48 no known text as %s adds a line, a mention or a fact to a card in any chat',
  async (part) => {
    for (const text of hostileTexts) {
      expectSameCards({ ...harmless, [part]: text })
      await setImmediate()
    }
  },
)

// 200 characters of a notification, whose cut may fall between the two halves of a character.
test.each(['', 'x'])('T48 a text of characters of two halves is cut between characters, after "%s"', (before) => {
  const argument = `${before}${'🏳'.repeat(150)}`
  expect(() => expectSameCards({ ...harmless, argument })).not.toThrow()
})

test('T48 no text at all does, whichever of them it is', async () => {
  const texts = fc.record({
    name: anyText,
    reason: anyText,
    argument: anyText,
    approver: anyText,
    why: anyText,
    image: anyText,
  })
  const property = fc.asyncProperty(texts, async (given) => {
    expectSameCards(given)
    await setImmediate()
  })
  await fc.assert(property, { numRuns: 40, endOnFailure: true })
})

/** Reads a command line as Bash does, as far as cards use its quotations: an independent reader of \`formatPipeline\`. */
function readCommand(text: string): string[][] {
  const stages: string[][] = [[]]
  let word: string | undefined
  for (let rest = text; rest !== ''; ) {
    const [piece = '', , dollar, plain, bare] =
      /^( \| |$)|^\$'((?:[^'\\]|\\.)*)'|^'([^']*)'|^((?:[^\s'$\\|]|\\')+)/.exec(rest) ?? []
    const isEnd = rest.startsWith(' | ')
    if (isEnd || rest.startsWith(' ')) {
      if (word !== undefined) stages.at(-1)?.push(word)
      word = undefined
      if (isEnd) stages.push([])
      rest = rest.slice(isEnd ? 3 : 1)
      continue
    }
    if (piece === '') throw new Error(`nobody can read this command: ${rest}`)
    const value = dollar === undefined ? (plain ?? bare?.replaceAll("\\'", "'") ?? '') : readEscapes(dollar)
    word = `${word ?? ''}${value}`
    rest = rest.slice(piece.length)
  }
  if (word !== undefined) stages.at(-1)?.push(word)
  return stages
}

const short: Record<string, string> = { n: '\n', r: '\r', t: '\t' }

function readEscapes(text: string): string {
  return text.replaceAll(/\\(?:u([0-9A-F]{4})|U([0-9A-F]{8})|(.))/g, (_all, four, eight, one) =>
    one === undefined ? String.fromCodePoint(Number.parseInt(four ?? eight, 16)) : (short[one] ?? one),
  )
}

test('T48 a command is shown exactly: each argument can be read back, whatever is in it', () => {
  const argv = fc.array(anyText, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(argv, { minLength: 1, maxLength: 3 }), (pipeline) => {
      const line = formatPipeline(pipeline)
      expect(line).not.toMatch(lineEnds)
      expect(line).not.toMatch(invisible)
      expect(readCommand(line)).toEqual(pipeline)
    }),
    { numRuns: 500 },
  )
})

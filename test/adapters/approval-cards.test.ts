import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { consolePrinter } from '#adapters/console/printer'
import { toMessage } from '#adapters/slack/blocks'
import { summaryOf, toCard } from '#adapters/teams/cards'
import type { Approval } from '#core/approvals/approval'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { approvalRequestMessage, runCard } from '#core/messages/run-card'
import { messageError } from '#test/fakes/slack/limits'
import { anyText, hostileTexts } from '#test/samples/hostile-text'
import { sampleRequest, sampleRun } from '#test/samples/run'

/** Every text of a request that somebody other than the owner writes. */
type Texts = { name: string; reason: string; argument: string; approver: string; why: string; image: string }

const harmless: Texts = {
  name: 'Alice',
  reason: 'disk full',
  argument: 'x',
  approver: 'Bob',
  why: 'fine',
  image: 'a.io/shell',
}
const now = '2026-11-24T03:00:00.000Z'

const approvals = ['pending', 'approved', 'denied', 'lapsed'] as const

/** Returns the cards of one request: pending, approved, denied, with an approval that no longer counts, and break-glass. */
function cardsOf({ name, reason, argument, approver, why, image }: Texts): Message[] {
  const request = sampleRequest({
    by: { id: 'alice@example.com', name, groups: [] },
    account: { platform: 'slack', team: 'T0HOME', user: 'U0ALICE' },
    reason,
    added: [`-c 5 for ${argument}`],
  })
  const spec = { ...sampleRun().spec, pipeline: [['cat', '/host/x', argument], ['head']], image: `${image}:v1` }
  const account = { platform: 'slack', team: 'T0HOME', user: 'U0BOB' } as const
  return [
    ...approvals.map((kind): Message => {
      const verdict = kind === 'denied' ? ('deny' as const) : ('approve' as const)
      const as = kind === 'lapsed' ? [] : ['group:leads']
      const review = { by: { id: 'bob@example.com', name: approver }, verdict, account, at: now, as, reason: why }
      const approval: Approval = {
        specHash: 'abcdef0123456789',
        rule: {
          from: ['group:leads'],
          quorum: kind === 'pending' ? 2 : 1,
          within: 900,
          reason: 'optional',
          window: 600,
        },
        requester: 'alice@example.com',
        expiresAt: '2026-11-24T03:15:00.000Z',
        reviews: [review],
        cards: [],
      }
      return approvalRequestMessage(sampleRun({ request, spec, approval, state: 'asking' }), approval, now)
    }),
    { kind: 'glass-broken', run: runCard(sampleRun({ request, spec })), reason },
  ]
}

/** Returns a text without what people wrote: quoted texts, the command, and what was left out of them. */
function frameOf(text: string): string {
  return text
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/ \([\d,]+ more characters?\)/g, '')
    .replaceAll(/(: |^)cat \/host\/x .*( on node\/node001|$)/gm, '$1COMMAND$2')
}

const lineEnds = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2800]|\p{M}{3}/u

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

/** What each chat is sent, in the form that its client parses. */
const chats: Record<string, (message: Message) => { shape: unknown; texts: string[] }> = {
  'Slack’s blocks': (message) => {
    const { blocks } = toMessage(message)
    return { shape: shapeOf(blocks), texts: textsIn(blocks) }
  },
  'Slack’s text': (message) => {
    const { text } = toMessage(message)
    return { shape: { lines: linesOf(text), markup: markupOf(text) }, texts: text.split('\n') }
  },
  'Teams’ card': (message) => {
    const cards = [toCard(message), toCard(message, true)]
    return { shape: shapeOf(cards), texts: textsIn(cards) }
  },
  'Teams’ notification': (message) => ({ shape: linesOf(summaryOf(message)), texts: [summaryOf(message)] }),
  'the web page': (message) => {
    const view = renderMessage(message)
    return { shape: shapeOf({ ...view, typed: undefined }), texts: textsIn({ ...view, typed: undefined }) }
  },
  'the console': (message) => ({ shape: linesOf(printed(message)), texts: printed(message).split('\n') }),
}

function expectSameCards(texts: Texts): void {
  const expected = cardsOf(harmless)
  for (const [at, card] of cardsOf(texts).entries()) {
    const plain = expected[at]
    if (plain === undefined) throw new Error('no harmless card')
    for (const [chat, read] of Object.entries(chats)) {
      const { shape, texts: shown } = read(card)
      expect([chat, card.kind, shape]).toEqual([chat, card.kind, read(plain).shape])
      expect([chat, shown.filter((text) => invisible.test(text))]).toEqual([chat, []])
    }
    const { text, blocks } = toMessage(card)
    expect(messageError(text, blocks)).toBeUndefined()
  }
}

test.each(Object.keys(harmless) as (keyof Texts)[])(
  'T48 no known text as %s adds a line, a mention or a fact to a card in any chat',
  (part) => {
    for (const text of hostileTexts) expectSameCards({ ...harmless, [part]: text })
  },
)

test('T48 no text at all does, whichever of them it is', () => {
  const texts = fc.record({
    name: anyText,
    reason: anyText,
    argument: anyText,
    approver: anyText,
    why: anyText,
    image: anyText,
  })
  fc.assert(fc.property(texts, expectSameCards), { numRuns: 150 })
})

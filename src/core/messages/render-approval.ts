import { isLapsed } from '#core/approvals/approval'
import { personText } from '#core/people/person-text'
import { oneLine, quoteLine } from '#core/util/one-line'
import { count, secondsText } from '#core/util/units'
import type { Message } from './message.ts'
import { commandTitle, requestFields } from './request-facts.ts'
import type { Field, MessageView } from './view.ts'

type ApprovalMessage = Extract<Message, { facts: unknown; run: unknown }>
type ApprovalRequestMessage = Extract<Message, { kind: 'asking' }>
type Rendered = Pick<MessageView, 'mood' | 'title' | 'text' | 'fields' | 'facts' | 'hint' | 'mentions'>

/** Maximum number of characters of a reviewer's reason, and of a text about what was added to a command. */
const maxReasonChars = 150
const maxAddedChars = 80
const maxAdded = 3

/**
 * Renders what concerns an approval: the request, its decision, a use of a standing approval, and break-glass. All that
 * a person wrote stands in one line behind a label, quoted and bounded, so that it can't look like another fact.
 */
export function renderApproval(message: ApprovalMessage): Rendered {
  const { facts, mention = [] } = message
  const base = {
    fields: requestFields(facts),
    facts: smallPrint(message),
    ...(mention.length === 0 ? {} : { mentions: mention }),
  }
  const what = commandTitle(facts)
  switch (message.kind) {
    case 'asking':
      return { ...base, ...renderRequest(message, what, base.fields) }
    case 'glass-broken':
      return {
        ...base,
        mood: 'bad',
        title: `WITHOUT APPROVAL (break-glass): ${what}`,
        hint: `\`cancel ${message.run.id}\` stops it.`,
      }
    case 'standing-use':
      return {
        ...base,
        mood: 'warn',
        title: `Runs under a standing approval: ${what}`,
        fields: [
          ...base.fields,
          { label: 'Standing approval', value: message.under },
          { label: 'It ends', value: message.until, as: 'instant' },
          ...reviewFields(message.reviews),
        ],
        hint: `\`cancel ${message.run.id}\` stops it.`,
      }
    case 'decided':
      return {
        ...base,
        mood: message.decision === 'approved' ? 'good' : 'bad',
        title: `${decisionTitles[message.decision]}: ${what}`,
        fields: [
          ...base.fields,
          ...reviewFields(message.reviews),
          ...(message.why === undefined ? [] : [{ label: 'Why', value: quoteLine(message.why, maxReasonChars * 2) }]),
        ],
      }
  }
}

const decisionTitles = {
  approved: 'Your request was approved',
  denied: 'Your request was denied',
  expired: 'Your request expired',
  refused: 'Your request was approved, but not run',
} satisfies Record<Extract<Message, { kind: 'decided' }>['decision'], string>

const askingTitles = {
  pending: 'Needs approval',
  approved: 'Approved',
  denied: 'Denied',
  expired: 'Expired without a decision',
  withdrawn: 'Withdrawn',
} satisfies Record<ApprovalRequestMessage['state'], string>

function renderRequest(
  { run, state, missing, window, reviews, expiresAt, beyond, alsoWindow, why }: ApprovalRequestMessage,
  what: string,
  fields: readonly Field[],
): Pick<Rendered, 'mood' | 'title' | 'fields' | 'hint'> {
  const isPending = state === 'pending'
  const windowText =
    window === undefined
      ? ''
      : ` With \`--window\`, further commands of this person here that can do no more than this run without approval for ${secondsText(window)}; each needs a reason, and its approvers are told.`
  return {
    mood: isPending ? 'busy' : state === 'approved' ? 'good' : 'bad',
    title: `${askingTitles[state]}: ${what}`,
    fields: [
      ...fields,
      { label: 'Expires', value: expiresAt, as: 'instant' },
      ...(why === undefined ? [] : [{ label: 'Ended', value: oneLine(why, maxReasonChars * 2) }]),
      ...(reviews.length === 0 ? [{ label: 'Approved by', value: 'nobody yet' }] : reviewFields(reviews)),
      ...(isPending ? [{ label: 'Still needed', value: missingText(missing) }] : []),
      ...(beyond === undefined ? [] : [{ label: 'Not covered', value: beyondText(beyond) }]),
      ...(alsoWindow && window !== undefined ? [{ label: 'This also approves', value: alsoText(window) }] : []),
    ],
    ...(isPending ? { hint: `\`approve ${run.id}\` or \`deny ${run.id} REASON\`.${windowText}` } : {}),
  }
}

function missingText({ count: number, of }: ApprovalRequestMessage['missing']): string {
  return `${count(number, 'approval')} of ${oneLine(of.join(', '), maxReasonChars * 2)}`
}

function beyondText({ run, what }: NonNullable<ApprovalRequestMessage['beyond']>): string {
  return `by the standing approval ${run}, which lacks ${quoteLine(what, maxReasonChars)}`
}

function alsoText(window: number): string {
  return `further commands of this person here that can do no more, for ${secondsText(window)}`
}

/** Returns one labelled line for each review; an approval that no longer counts has a label of its own. */
function reviewFields(reviews: ApprovalRequestMessage['reviews']): Field[] {
  return reviews.map((review) => {
    const { by, account, verdict, reason, at, passkey } = review
    const label = verdict === 'deny' ? 'Denied by' : isLapsed(review) ? 'No longer counts' : 'Approved by'
    const how = passkey === undefined ? '' : ', with a passkey'
    const why = reason === undefined ? '' : `: ${quoteLine(reason, maxReasonChars)}`
    return { label, value: `${personText(by, account)} at ${at}${how}${why}` }
  })
}

function smallPrint({ run, ...message }: ApprovalMessage): string[] {
  const added = run.added.slice(0, maxAdded).map((each) => oneLine(each, maxAddedChars))
  const more = run.added.length > maxAdded ? [`${run.added.length - maxAdded} more`] : []
  const hash = 'hash' in message ? ` · request ${message.hash}` : ''
  return [
    ...(added.length === 0 ? [] : [`Added to what was typed: ${quoteLine([...added, ...more].join('; '), 400)}`]),
    `set ${oneLine(run.set, maxAddedChars)} · at most ${secondsText(run.deadline)} · run ${run.id}${hash}`,
  ]
}

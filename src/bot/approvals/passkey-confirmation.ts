import type { Confirmation } from '#core/approvals/confirmation'
import type { Notice } from '#core/messages/message'
import { notKeptNotice } from '#core/messages/not-accepted'
import { wordsOf } from '#core/messages/render'
import { askingNotice } from '#core/messages/run-card'
import { plainText, type Words } from '#core/messages/view'
import type { InboundCommand } from '#core/ports/chat'
import type { House } from '#src/bot/context'
import { runIdOf } from '#src/bot/run-id'
import { freshPerson } from '#src/lifecycle/revalidate'
import { decideRequest } from './review.ts'

/** What the page behind a link shows. */
export function confirmationWords(house: House) {
  return async (confirmation: Confirmation): Promise<Words | undefined> => {
    if (confirmation.kind === 'enrol') return enrolWords
    const run = await house.store.run(confirmation.run)
    const { approval } = run ?? {}
    if (run === undefined || approval === undefined || run.state !== 'asking' || house.isBroken(run)) return undefined
    if (approval.specHash !== confirmation.specHash) return undefined
    const { hint: _hint, ...words } = wordsOf(askingNotice(run, approval, house.now().toISOString()))
    return words
  }
}

const enrolWords: Words = {
  mood: 'plain',
  title: 'Add a passkey',
  text: 'With it you confirm what you approve: a stolen chat session can then approve nothing in your name.',
  facts: [],
  examples: [],
  actions: [],
}

/** Does what was confirmed by a passkey; answers what came of it. */
export function onConfirmed(house: House) {
  return async (confirmation: Confirmation, passkey: string): Promise<string> => {
    const { by } = confirmation
    if (confirmation.kind === 'enrol') {
      await house.audit('passkey-added', '', by.id, { passkey })
      return 'Your passkey was added. This page can be closed.'
    }
    const { run, account, window, thread } = confirmation
    const person = await freshPerson(house, { id: by.id, account })
    if ('refused' in person) {
      await house.audit('review-refused', run, by.id, { why: person.refused })
      return `Nothing was approved. ${person.refused}`
    }
    const text = `approve ${run}`
    const inbound = { account, thread, text, key: passkey, at: house.now().toISOString() }
    const reviewer = { person, account, typed: text, thread }
    const answer = await surely(house, inbound, (saved) =>
      decideRequest(house, { ...reviewer, saved }, run, { verdict: 'approve', window, passkey }),
    )
    return answer === undefined ? 'Approved. The thread tells how it goes on.' : plainText(wordsOf(answer))
  }
}

/**
 * Keeps the words for what is confirmed until it is done: a bot that takes them over follows a saved review up, and where none was
 * saved it sends a new link, since words alone confirm nothing.
 */
async function surely(
  house: House,
  inbound: InboundCommand,
  decide: (saved: () => void) => Promise<Notice | undefined>,
): Promise<Notice | undefined> {
  const id = runIdOf('confirmed', inbound.text, inbound.key, inbound.at)
  const held = await house.span(id, 'keep the command', () => house.intake.keep({ id, inbound }))
  if (held === 'away' || held === 'full') return notKeptNotice(held, house.rules().contact)
  if (held === 'duplicate') return undefined
  let isSaved = false
  try {
    const answer = await decide(() => {
      isSaved = true
    })
    await held.done()
    return answer
  } catch (error) {
    if (isSaved) held.leave()
    else await held.done()
    throw error
  }
}

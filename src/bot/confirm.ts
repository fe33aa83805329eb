import type { Confirmation } from '#core/confirmation'
import { freshPerson } from '#core/fresh'
import { wordsOf } from '#core/notice-words'
import { askingNotice } from '#core/run-card'
import { plainText, type Words } from '#core/words'
import type { House } from './house.ts'
import { decideRequest } from './on-review.ts'

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
    const reviewer = { person, account, typed: `approve ${run}`, thread }
    const answer = await decideRequest(house, reviewer, run, { verdict: 'approve', window, passkey })
    return answer === undefined ? 'Approved. The thread tells how it goes on.' : plainText(wordsOf(answer))
  }
}

import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef, Principal } from '#core/people/principal'

/** The person who decides, as currently known, with the account that they use and the thread. */
export type Reviewer = {
  person: Principal
  account: AccountRef
  typed: string
  thread: ThreadRef
  /** Called once the review is saved. */
  markSaved?: () => void
}

export type Verdict = {
  verdict: 'approve' | 'deny'
  reason?: string
  window?: boolean
  /** Id of the passkey that the reviewer confirmed it with. */
  passkey?: string
  /** Hash of the spec that the reviewer confirmed with it. */
  specHash?: string
}

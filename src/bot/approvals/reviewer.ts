import type { AccountRef, Principal } from '#core/people/principal'
import type { ThreadRef } from '#core/people/refs'
/** Who decides, as of now, with which account, and where. */
export type Reviewer = {
  person: Principal
  account: AccountRef
  typed: string
  thread: ThreadRef
  /** True where their review may be saved already, by a bot that was cut off before it had done what follows. */
  again?: boolean
  /** Called when the review is saved. */
  saved?: () => void
}

export type Verdict = {
  verdict: 'approve' | 'deny'
  reason?: string
  window?: boolean
  /** Id of the passkey by which the reviewer has confirmed it. */
  passkey?: string
}

import type { AccountRef } from '#core/people/principal'
import type { ThreadRef } from '#core/people/refs'
import type { MessageView } from './view.ts'

/** What a link to a run's page is for: one run, and one person, as whom it is shown. */
export type PageGrant = {
  run: string
  by: { id: string; name: string }
  /** The account that they asked with; who they are when they open it is asked then. */
  account: AccountRef
  /** Where it was asked for: who is where a run's message stands may see its output. */
  thread: ThreadRef
}

/** What a run's page shows. */
export type RunPage = {
  words: MessageView
  /** All of it. */
  output: string
  /** PNG in base64, and the same in words. */
  chart?: { png: string; alt: string }
  /** What the audit log holds of it, in order. */
  trail: readonly { at: string; what: string; person: string; details: string }[]
}

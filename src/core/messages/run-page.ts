import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'
import type { MessageView } from './view.ts'

/** Grant of a link to a run's page: one run, shown with one person's permissions. */
export type PageGrant = {
  run: string
  by: { id: string; name: string }
  /** Account that requested the link; the person behind it is revalidated when the page is opened. */
  account: AccountRef
  /** Thread in which the link was requested: members of the channel with the run's message may see its output. */
  thread: ThreadRef
}

/** Content of a run's page. */
export type RunPage = {
  words: MessageView
  /** Whole output. */
  output: string
  /** Chart as PNG in base64, with its text alternative. */
  chart?: { png: string; alt: string }
  /** Audit records of the run, in order. */
  trail: readonly { at: string; what: string; person: string; details: string }[]
}

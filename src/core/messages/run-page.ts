import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'
import type { CheckResult } from '#core/triage/check-result'
import type { Instant } from '#core/util/instant'
import type { MessageView } from './view.ts'

/** Grant of a link to a page: that of one run, or of a timeline, shown with one person's permissions. */
export type PageGrant = {
  /** Id of the run; of a timeline, that of the command that asked for it. */
  run: string
  by: { id: string; name: string }
  /** Account that requested the link; the person behind it is revalidated when the page is opened. */
  account: AccountRef
  /** Thread in which the link was requested: members of the channel with the run's message may see its output. */
  thread: ThreadRef
  /** Start of the timeline that the page shows: of the channel, or of the thread where `thread` names one. */
  timelineSince?: Instant
}

/** What one check of a triage found on one target, with its commands and all that they wrote. */
export type CheckOnPage = {
  target: string
  playbook: string
  check: string
  title: string
  /** Value of the fact that the check was repeated for. */
  each?: string
  status: CheckResult['status']
  said?: string
  /** `note`: how a command ended, where it isn't with exit code 0. */
  commands: readonly { command: string; output: string; note?: string }[]
}

/** Content of a run's page. */
export type RunPage = {
  words: MessageView
  /** Whole output. */
  output: string
  /** Checks, where it is a triage. */
  checks?: readonly CheckOnPage[]
  /** Files that can be downloaded in place of the output. */
  files?: readonly { name: string; text: string }[]
  /** Chart as PNG in base64, with its text alternative. */
  chart?: { png: string; alt: string }
  /** Audit records of the run, in order. */
  trail: readonly { at: string; what: string; person: string; details: string }[]
}

/** Answer where a page is asked for and the bot has none. */
export const noPages = 'This bot has no run pages: "pages: { url }" is not set in retina.yaml.'

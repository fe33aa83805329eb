import type { Principal, ThreadRef } from '#core/request'

/** Who decides, and where. */
export type Reviewer = { person: Principal; typed: string; thread: ThreadRef }

export type Given = {
  verdict: 'approve' | 'deny'
  reason?: string
  window?: boolean
  /** Id of the passkey by which the reviewer has confirmed it. */
  passkey?: string
}

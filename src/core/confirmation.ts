import type { Principal, ThreadRef } from './request.ts'

/** What a one-time link is for: approving a request with a passkey, or adding a person's first passkey. */
export type Confirmation =
  | {
      kind: 'approve'
      run: string
      /** Hash of what would run: the passkey's signature is over it. */
      specHash: string
      by: Principal
      window: boolean
      /** Where it was asked for. */
      thread: ThreadRef
    }
  | { kind: 'enrol'; by: { id: string; name: string } }

import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'

/** Purpose of a one-time link: approving a request with a passkey, or enrolling a person's first passkey. */
export type Confirmation =
  | {
      kind: 'approve'
      run: string
      /** Hash of the spec that would run; the passkey signs it. */
      specHash: string
      by: { id: string; name: string }
      /** Account that requested the link; the person behind it is revalidated when the link is used. */
      account: AccountRef
      window: boolean
      /** Thread in which the link was requested. */
      thread: ThreadRef
    }
  | { kind: 'enrol'; by: { id: string; name: string } }

/** Public half of a person's passkey; `publicKey` in base64url, `addedAt` in ISO 8601. */
export type Passkey = { id: string; publicKey: string; counter: number; addedAt: string }

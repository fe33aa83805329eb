import type { AccountRef } from '#core/people/principal'
import type { ThreadRef } from '#core/people/refs'
/** What a one-time link is for: approving a request with a passkey, or adding a person's first passkey. */
export type Confirmation =
  | {
      kind: 'approve'
      run: string
      /** Hash of what would run: the passkey's signature is over it. */
      specHash: string
      by: { id: string; name: string }
      /** The account that they asked for the link with; who they are when they use it is asked then. */
      account: AccountRef
      window: boolean
      /** Where it was asked for. */
      thread: ThreadRef
    }
  | { kind: 'enrol'; by: { id: string; name: string } }

/** People's passkeys, as far as the bot has to know. */
export type Passkeys = {
  /** The public halves of a person's passkeys, by id. */
  ofPerson: (id: string) => Promise<readonly { id: string }[]>
  /** The address of a page where it can be confirmed, once, by that person only. */
  link: (confirmation: Confirmation) => Promise<string>
}

import type { Confirmation } from '#core/approvals/confirmation'

/** Passkey functions that the bot needs. */
export type Passkeys = {
  /** Returns the ids of a person's passkeys. */
  ofPerson: (id: string) => Promise<readonly { id: string }[]>
  /** Returns the URL of a page where this person, and only this person, can confirm once. */
  link: (confirmation: Confirmation) => Promise<string>
}

import type { Confirmation } from '#core/approvals/confirmation'

/** Passkey functions that the bot needs. */
export type Passkeys = {
  /** Returns the ids of a person's passkeys. */
  ofPerson: (id: string) => Promise<readonly { id: string }[]>
  /** Returns the URL of a page where this person, and only this person, can confirm once. */
  link: (confirmation: Confirmation) => Promise<string>
}

/** Passkey functions that the terminal needs, for sessions that their own person has to open with a passkey. */
export type OpeningPasskeys = {
  /** Returns the WebAuthn options with which a page asks for a passkey of that person; undefined where the person has none. */
  openingOptions: (person: string, challenge: Uint8Array) => Promise<object | undefined>
  /** Returns the id of the person's passkey that signed the challenge on a page of that origin; undefined where none did. */
  openedBy: (
    person: string,
    answer: unknown,
    expected: { challenge: Uint8Array; origin: string },
  ) => Promise<string | undefined>
}

import type { AccountRef, Principal } from '#core/people/principal'

/** Why an account is refused. `temporary`: its platform was unreachable, so a retry may succeed. */
export type Refused = { refused: string; temporary: boolean; account: AccountRef }

/** Directory of people and groups. */
export type Directory = {
  /**
   * Returns the current person behind an account, or why it is refused. Data from platforms is at most `personCacheMs`
   * old. Doesn't reject for an unreachable platform.
   */
  person: (account: AccountRef) => Promise<Principal | Refused>
}

import type { AccountRef, Principal } from '#core/people/principal'

/** Why nobody is served for an account. `temporary`: its platform couldn't be asked just now, so it may be tried again. */
export type Refused = { refused: string; temporary: boolean; account: AccountRef }

/** People and groups. */
export type Directory = {
  /** The person behind an account as of now, or why there is none. What platforms say is at most `personCacheMs` old. Doesn't reject for a platform that is away. */
  person: (account: AccountRef) => Promise<Principal | Refused>
}

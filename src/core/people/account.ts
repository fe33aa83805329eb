import type { AccountRef } from './principal.ts'

/** Current data of an account from its platform. `name` is only displayed, never used for decisions. */
export type Account = AccountRef & {
  name: string
  /** Present only where the platform has verified it. */
  email?: string
  /**
   * `stranger`: of another workspace or tenant. `unknown`: the platform doesn't know the account or doesn't show it.
   */
  kind: 'member' | 'guest' | 'stranger' | 'bot' | 'deactivated' | 'unknown'
  /** Platform groups, named as in grants: `slack:usergroup/S0NETOPS`. */
  groups: readonly string[]
}

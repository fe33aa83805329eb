import { servicePrincipal } from '#core/alerts/service-principal'
import type { Account } from '#core/people/account'
import { platforms as knownPlatforms, type Platform } from '#core/people/platforms'
import type { AccountRef } from '#core/people/principal'
import { isAccount, type Known, toPrincipal } from '#core/people/to-principal'
import { ChatError } from '#core/ports/chat'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'

const refusals = {
  guest: 'Guests of this workspace or tenant have no access. Ask the owner of the policy.',
  stranger: 'Accounts of other workspaces and tenants have no access. Ask the owner of the policy.',
  bot: 'Other bots have no access.',
  deactivated: 'This account is deactivated.',
  unknown: 'Its platform does not know this account.',
} satisfies Record<Exclude<Account['kind'], 'member'>, string>

/** Lookup of an account on its platform. Rejects with `ChatError` when the platform can't be reached. */
export type AskPlatform = (account: AccountRef) => Promise<Account>

export type DirectoryOptions = {
  platforms: ReadonlyMap<Platform, AskPlatform>
  /**
   * Returns the owner's file. `outsiders`: accounts that are served although they are guests, or of another workspace
   * or tenant. `services`: senders of alerts whose triage begins by itself.
   */
  known: () => Known & { outsiders: readonly string[]; services?: readonly string[] }
  log: Log
}

/**
 * Creates the directory of people on all platforms: a platform identifies the account, the owner's file has its groups.
 */
export function createDirectory({ platforms, known, log }: DirectoryOptions): Directory {
  return {
    async person(ref) {
      if (ref.service !== undefined)
        return known().services?.includes(ref.service) === true
          ? servicePrincipal(ref.service)
          : { refused: 'Triage does not begin by itself for these alerts any more.', temporary: false, account: ref }
      const askPlatform = platforms.get(ref.platform)
      if (askPlatform === undefined) throw new Error(`accounts of ${ref.platform} cannot be looked up here`)
      const account = await askPlatform(ref).catch((error: unknown) => {
        if (!(error instanceof ChatError)) throw error
        log.warn({ account: ref, error: error.message }, 'an account could not be looked up')
        return undefined
      })
      if (account === undefined) {
        const refused = `${knownPlatforms[ref.platform].directory} can't look up this account at the moment. Try again in a minute.`
        return { refused, temporary: true, account: ref }
      }
      const { outsiders, services: _services, ...rest } = known()
      if (account.kind === 'member' || (isOutside(account) && outsiders.some((each) => isAccount(each, account))))
        return toPrincipal(account, rest)
      return { refused: refusals[account.kind], temporary: false, account }
    },
  }
}

/**
 * Returns true for accounts of other organisations, which an owner may name. Bots and deactivated accounts are never
 * served.
 */
function isOutside({ kind }: Account): boolean {
  return kind === 'guest' || kind === 'stranger'
}

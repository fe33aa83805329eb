import type { AccountRef, Platform } from '#core/people/principal'
import { isAccount, type Known, toPrincipal } from '#core/people/to-principal'
import { type Account, ChatError } from '#core/ports/chat'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'

const refusals = {
  guest: 'Guests of this workspace or tenant are not served here. Ask the owner of the policy.',
  stranger: 'Accounts of other workspaces and tenants are not served here. Ask the owner of the policy.',
  bot: 'Other bots are not served here.',
  deactivated: 'This account is deactivated.',
  unknown: 'This account is not known to its platform.',
} satisfies Record<Exclude<Account['kind'], 'member'>, string>

const names = { slack: 'Slack', teams: 'Microsoft Entra', web: 'The web door', console: 'The console door' }

/** How a platform is asked who an account is. Rejects with `ChatError` when it can't be asked. */
export type AskPlatform = (account: AccountRef) => Promise<Account>

export type DirectoryOptions = {
  platforms: ReadonlyMap<Platform, AskPlatform>
  /** `outsiders`: accounts that are served though they are guests, or of another workspace or tenant. */
  known: () => Known & { outsiders: readonly string[] }
  log: Log
}

/** People over all platforms: each platform says who an account is, the owner's file which groups they are in. */
export function openDirectory({ platforms, known, log }: DirectoryOptions): Directory {
  return {
    async person(ref) {
      const ask = platforms.get(ref.platform)
      if (ask === undefined) throw new Error(`nobody can be asked about accounts of ${ref.platform} here`)
      const account = await ask(ref).catch((error: unknown) => {
        if (!(error instanceof ChatError)) throw error
        log.warn({ account: ref, error: error.message }, 'a platform could not be asked who somebody is')
        return undefined
      })
      if (account === undefined) {
        const refused = `${names[ref.platform]} can't be asked about this account at the moment. Try it again in a minute.`
        return { refused, temporary: true, account: ref }
      }
      const { outsiders, ...rest } = known()
      if (account.kind === 'member' || (isOutside(account) && outsiders.some((each) => isAccount(each, account))))
        return toPrincipal(account, rest)
      return { refused: refusals[account.kind], temporary: false, account }
    },
  }
}

/** True for accounts of other organisations, which an owner may name. Bots and deactivated accounts are never served. */
function isOutside({ kind }: Account): boolean {
  return kind === 'guest' || kind === 'stranger'
}

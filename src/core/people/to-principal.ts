import type { Account } from '#core/people/account'
import { type AccountRef, accountText, type Principal } from '#core/people/principal'
import { oneLine } from '#core/util/one-line'

/** Groups and people of the owner's identity file. Accounts are written as `slack:user/TEAM/USER`. */
export type Known = {
  /** Members by group name: people, accounts, platforms' own groups, other groups. */
  groups: Readonly<Record<string, readonly string[]>>
  /** Accounts by person id. */
  people: Readonly<Record<string, readonly string[]>>
}

/** Maximum number of characters of a display name. */
const maxNameChars = 80

/**
 * Returns the person behind an account that was already checked to be an active member. The id is the one that the
 * owner configured for the account, else the verified e-mail, which is the same on all platforms, else the account
 * itself. The display name decides nothing; what isn't seen in it is removed.
 */
export function toPrincipal(account: Account, identities: Known): Principal {
  const ownName = accountText(account)
  const configured = Object.entries(identities.people).find(([, accounts]) =>
    accounts.some((each) => isAccount(each, account)),
  )
  const id = (configured?.[0] ?? account.email)?.toLowerCase() ?? ownName
  const name = oneLine(account.name, maxNameChars)
  return {
    id,
    name: name === '' ? id : name,
    groups: resolveGroups([ownName, ...account.groups], id, identities.groups),
  }
}

/**
 * Returns true when the text names this account. Ignores case: no two ids of a platform differ only in case, and
 * Entra's are written in both.
 */
export function isAccount(text: string, account: AccountRef): boolean {
  return text.toLowerCase() === accountText(account).toLowerCase()
}

/** Returns a person's names, with the names of all groups that contain one of them, also through other groups. */
function resolveGroups(names: string[], id: string, groups: Known['groups']): string[] {
  const all = new Set(names)
  for (let previousSize = -1; previousSize !== all.size; ) {
    previousSize = all.size
    for (const [name, members] of Object.entries(groups)) {
      if (members.some((member) => member.toLowerCase() === id || all.has(member))) all.add(`group:${name}`)
    }
  }
  return [...all]
}

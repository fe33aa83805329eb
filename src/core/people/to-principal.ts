import { type AccountRef, accountText, type Principal } from '#core/people/principal'
import type { Account } from '#core/ports/chat'
/** What the owner's file says of people. Accounts are written as `slack:user/TEAM/USER`. */
export type Known = {
  /** Members of groups, by the group's name: people, accounts, platforms' own groups, other groups. */
  groups: Readonly<Record<string, readonly string[]>>
  /** Accounts of one person, by the person's id. */
  people: Readonly<Record<string, readonly string[]>>
}

/**
 * The person behind an account that is in good standing. A person is their verified e-mail, so they are one over all platforms, or
 * what the owner says whose account it is; else they are their account. A display name decides nothing.
 */
export function toPrincipal(account: Account, identities: Known): Principal {
  const ownName = accountText(account)
  const configured = Object.entries(identities.people).find(([, accounts]) =>
    accounts.some((each) => isAccount(each, account)),
  )
  const id = (configured?.[0] ?? account.email)?.toLowerCase() ?? ownName
  return { id, name: account.name, groups: resolveGroups([ownName, ...account.groups], id, identities.groups) }
}

/** True when the text names this account. Ids of platforms differ in more than case, and Entra's are written in both. */
export function isAccount(text: string, account: AccountRef): boolean {
  return text.toLowerCase() === accountText(account).toLowerCase()
}

/** Names that a person has, with those of all groups that one of them is in; groups may hold groups. */
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

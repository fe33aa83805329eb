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
export function toPrincipal(account: Account, known: Known): Principal {
  const own = accountText(account)
  const named = Object.entries(known.people).find(([, accounts]) => accounts.some((each) => isAccount(each, account)))
  const id = (named?.[0] ?? account.email)?.toLowerCase() ?? own
  return { id, name: account.name, groups: withGroups([own, ...account.groups], id, known.groups) }
}

/** True when the text names this account. Ids of platforms differ in more than case, and Entra's are written in both. */
export function isAccount(text: string, account: AccountRef): boolean {
  return text.toLowerCase() === accountText(account).toLowerCase()
}

/** Names that a person has, with those of all groups that one of them is in; groups may hold groups. */
function withGroups(names: string[], id: string, groups: Known['groups']): string[] {
  const all = new Set(names)
  for (let before = -1; before !== all.size; ) {
    before = all.size
    for (const [name, members] of Object.entries(groups)) {
      if (members.some((member) => member.toLowerCase() === id || all.has(member))) all.add(`group:${name}`)
    }
  }
  return [...all]
}

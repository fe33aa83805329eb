import type { Account, Directory } from '#core/ports'
import type { Principal } from '#core/request'

const refusals = {
  guest: 'Guests of this workspace are not served here. Ask the owner of the policy.',
  stranger: 'Accounts of other workspaces and tenants are not served here. Ask the owner of the policy.',
  bot: 'Other bots are not served here.',
  deactivated: 'This account is deactivated.',
} satisfies Record<Exclude<Account['kind'], 'member'>, string>

/** An account's own name in grants and groups. */
function accountText(account: Pick<Account, 'platform' | 'team' | 'user'>): string {
  return `${account.platform}:user/${account.team}/${account.user}`
}

/**
 * People from what their platform proves, and groups from `retina.yaml`. A person is their verified e-mail, so they are
 * one over all platforms; where a platform verifies none, they are their account. A display name decides nothing.
 */
export function staticDirectory(groups: () => Readonly<Record<string, readonly string[]>>): Directory {
  return {
    async person(account) {
      if (account.kind !== 'member') return { refused: refusals[account.kind] }
      return toPrincipal(account, groups())
    },
  }
}

/** The person behind an account that is in good standing. */
export function toPrincipal(account: Account, groups: Readonly<Record<string, readonly string[]>>): Principal {
  const own = accountText(account)
  const id = account.email?.toLowerCase() ?? own
  return { id, name: account.name, groups: withGroups([own, ...account.groups], id, groups) }
}

/** Names that a person has, with those of all groups that one of them is in; groups may hold groups. */
function withGroups(names: string[], id: string, groups: Readonly<Record<string, readonly string[]>>): string[] {
  const all = new Set(names)
  for (let before = -1; before !== all.size; ) {
    before = all.size
    for (const [name, members] of Object.entries(groups)) {
      if (members.some((member) => member.toLowerCase() === id || all.has(member))) all.add(`group:${name}`)
    }
  }
  return [...all]
}

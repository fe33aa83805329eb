import type { AccountRef, Principal } from '#core/people/principal'
import type { Directory } from '#core/ports/directory'

export type FakeDirectory = Directory & {
  /** People by the user of their account. */
  people: Map<string, Principal>
  /** True while the platforms can't be asked. */
  isAway: boolean
}

/** Returns a directory in memory: it knows these people by the user of their account, on every platform. */
export function memoryDirectory(people: readonly (Principal & { user: string })[]): FakeDirectory {
  const directory: FakeDirectory = {
    people: new Map(people.map(({ user, ...person }) => [user, person])),
    isAway: false,
    async person(account: AccountRef) {
      if (directory.isAway) return { refused: 'Its platform can’t be asked now.', temporary: true, account }
      const found = directory.people.get(account.user)
      return found ?? { refused: 'Its platform does not know this account.', temporary: false, account }
    },
  }
  return directory
}

import type { Account } from '#core/people/account'
import type { AccountRef } from '#core/people/principal'

/** Person of a chat whose people `retina.yaml` lists. `id`: e-mail address, which is the account too. */
export type ListedPerson = { id: string; name: string; groups: readonly string[] }

/** Returns the account of a listed person; one of the kind `unknown` for others. */
export function listedAccount(people: readonly ListedPerson[], ref: AccountRef): Account {
  const person = people.find(({ id }) => id === ref.user)
  if (person === undefined) return { ...ref, name: ref.user, kind: 'unknown', groups: [] }
  return { ...ref, name: person.name, email: person.id, kind: 'member', groups: person.groups }
}

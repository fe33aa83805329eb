import type { Passkey } from '#core/approvals/confirmation'
import { type Values, verified } from '#core/ports/store'

/** Stores people's passkeys; the store signs them, so that access to Redis alone is not enough to add one. */
export function passkeyCredentials(store: Pick<Values, 'getValue' | 'setValue' | 'deleteValue'>) {
  return {
    async ofPerson(person: string): Promise<readonly Passkey[]> {
      return verified(await store.getValue('passkeys', person)) ?? []
    },
    save: (person: string, list: readonly Passkey[]) => store.setValue('passkeys', person, list),
    remove: (person: string) => store.deleteValue('passkeys', person),
  }
}

import type { Signer } from '#core/ports/signing'
import type { Store } from '#core/ports/store'

/** A passkey of a person: its public half. */
export type Passkey = { id: string; publicKey: string; counter: number; addedAt: string }

/** Who has which passkeys; signed, so that nobody can add one who only has Redis. */
export function passkeyCredentials(store: Store, signer: Signer) {
  const keyOf = (person: string) => `passkeys:${person}`
  return {
    async ofPerson(person: string): Promise<readonly Passkey[]> {
      const text = signer.open(keyOf(person), await store.get(keyOf(person)))
      return text === undefined ? [] : (JSON.parse(text) as Passkey[])
    },
    save: (person: string, list: readonly Passkey[]) =>
      store.set(keyOf(person), signer.sign(keyOf(person), JSON.stringify(list))),
    async remove(person: string): Promise<void> {
      await store.getAndDelete(keyOf(person))
    },
  }
}

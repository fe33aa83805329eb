import type { Signer } from '#core/ports/signing'
import type { Store } from '#core/ports/store'

/** Public half of a person's passkey; `publicKey` in base64url, `addedAt` in ISO 8601. */
export type Passkey = { id: string; publicKey: string; counter: number; addedAt: string }

/** Stores people's passkeys, signed, so that access to Redis alone is not enough to add one. */
export function passkeyCredentials(store: Store, signer: Signer) {
  const keyOf = (person: string) => `passkeys:${person}`
  return {
    async ofPerson(person: string): Promise<readonly Passkey[]> {
      const text = signer.verify(keyOf(person), await store.get(keyOf(person)))
      return text === undefined ? [] : (JSON.parse(text) as Passkey[])
    },
    save: (person: string, list: readonly Passkey[]) =>
      store.set(keyOf(person), signer.sign(keyOf(person), JSON.stringify(list))),
    async remove(person: string): Promise<void> {
      await store.getAndDelete(keyOf(person))
    },
  }
}

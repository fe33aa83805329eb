/** Signer of stored texts, so that an attacker with write access to the store can't forge them. */
export type Signer = {
  /** Returns the text with a signature that is valid only for this store key. */
  sign: (key: string, text: string) => string
  /** Verifies a signed text and returns it; undefined if it wasn't signed for that store key. */
  verify: (key: string, signed: string | undefined) => string | undefined
}

/** Signer of stored texts, so that an attacker with write access to the store can't forge them. */
export type Signer = {
  /** Returns the text with a signature that is valid only for this store key. */
  sign: (key: string, text: string) => string
  /**
   * Verifies a signed text and returns it; undefined if it wasn't signed for that store key. Throws `NewerFormatError`
   * for a text that a newer version of the program has signed.
   */
  verify: (key: string, signed: string | undefined) => string | undefined
  /** Returns all forms in which the text may be stored: signed with the present secret first, then with the others. */
  forms: (key: string, text: string) => readonly string[]
}

/** Format in which this version stores texts. It changes where an earlier version would misread them. */
export const storeFormat = 1

/** Error for a stored text that a newer version of the program has written. It is neither used nor changed. */
export class NewerFormatError extends Error {
  constructor(what: string, format: number) {
    super(
      `${what} in Redis has format ${format}, and this version reads up to ${storeFormat}: a newer version of Retina ChatOps wrote it. Upgrade this process; nothing was changed.`,
    )
    this.name = 'NewerFormatError'
  }
}

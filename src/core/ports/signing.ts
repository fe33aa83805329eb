/** Signs what is stored under a key, so that nobody who can only write to the store makes such a text. */
export type Signer = {
  sign: (key: string, text: string) => string
  /** The text as it was signed under that key; undefined for anything else. */
  open: (key: string, signed: string | undefined) => string | undefined
}

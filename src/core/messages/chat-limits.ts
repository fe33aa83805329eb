/** Limits of a chat platform. */
export type ChatLimits = {
  /** Maximum characters of output in one message, besides its other parts. */
  outputChars: number
  /** Minimum ms between two edits of one message. */
  editInterval: number
  /** Maximum bytes of an attached file; 0 where the platform takes no files. */
  fileBytes: number
  /** True where a message for one person is visible in a thread only if the thread has other replies. */
  ephemeralNeedsReplies?: true
}

/** Where platforms differ, as values. */
export type ChatLimits = {
  /** Characters of output that one message can hold besides its other parts. */
  outputChars: number
  /** Milliseconds between two edits of one message. */
  editInterval: number
  /** Bytes of a file that can be attached; 0 where files can't be. */
  fileBytes: number
}

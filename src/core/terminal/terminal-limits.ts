/** What a capability set says of the shells that it gives. Times in seconds. */
export type TerminalRule = {
  /** Time after which a session ends in any case. */
  maxSession: number
  /** Time without a key or output after which a session ends. */
  idle: number
  recordInput: 'none' | 'lines'
  /** Bytes of a session's recording, after which it ends. */
  maxRecording: number
  /** Time for which recordings are stored. */
  retention: number
  /** True where the owner wrote `approval: none` out: the set gives a powerful shell without approval. */
  unapproved?: true
  /** True where the owner wrote `deny: unenforced` out: a shell on a node reaches what is denied. */
  denyUnenforced?: true
}

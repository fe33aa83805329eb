/** Hints between processes that a session's stored state changed: what a hint says is read from the store, never from the hint. */
export type TerminalBus = {
  /** Tells all processes that a session changed. */
  changed: (session: string) => Promise<void>
  /** Subscribes to the hints of a session; returns the function that unsubscribes. */
  onChange: (session: string, callback: () => void) => () => void
}

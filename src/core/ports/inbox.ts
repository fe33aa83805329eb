import type { NotAccepted } from '#core/messages/store-unavailable-message'
import type { InboundCommand } from './chat.ts'

/** Inbound command with its id, by which duplicates are recognised. */
export type AcceptedCommand = { id: string; inbound: InboundCommand }

/** Lease of an accepted command, which this process handles until it is acknowledged or released. */
export type CommandLease = AcceptedCommand & {
  /**
   * `new`: just accepted. `again`: taken over from a process that died. `unsure`: abandoned or interrupted before an
   * adapter could acknowledge it, so the sender may have got the reply that nothing was run.
   */
  as: 'new' | 'again' | 'unsure'
  /** Resolves while this process holds the lease, after a check in Redis if needed; rejects with `LeaseLostError`. */
  assertOwned: () => Promise<void>
  /** Returns the result of a step that this or an earlier holder saved. */
  savedStep: (step: string) => unknown
  /** Saves the result of a step (JSON). Resolves also if Redis has no free memory for it. */
  saveStep: (step: string, value: unknown) => Promise<void>
  /** Acknowledges the command: it was answered and is removed from the inbox. */
  ack: () => Promise<void>
  /** Releases the lease: another process takes the command within seconds. */
  release: () => void
}

/** Store of commands that were accepted and are not answered yet. */
export type CommandInbox = {
  /**
   * Stores a command within `acceptTimeoutMs` of `Timing`. A repeated id, or the same button press within a few
   * seconds, is a duplicate. `takeOver` returns a command that was not accepted only as `unsure`, if at all.
   */
  accept: (command: AcceptedCommand, press?: string) => Promise<CommandLease | NotAccepted | 'duplicate'>
  /** Takes over at most `maxCommands` commands whose lease has expired or was released. */
  takeOver: (maxCommands: number) => Promise<readonly CommandLease[]>
  /** Releases all leases at once, so that other processes take the commands over. */
  close: () => Promise<void>
}

/** Error of a handler whose command another process holds now: the handler stops. */
export class LeaseLostError extends Error {
  constructor(id: string) {
    super(`another bot has command ${id}`)
    this.name = 'LeaseLostError'
  }
}

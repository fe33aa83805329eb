import type { NotAccepted } from '#core/messages/not-accepted'
import type { InboundCommand } from './chat.ts'

/** What somebody asked, under the id that makes it one command. */
export type AcceptedCommand = { id: string; inbound: InboundCommand }

/** A command that was accepted, in the hands of this process until it is done. */
export type CommandLease = AcceptedCommand & {
  /**
   * `new`: from whoever asked. `again`: whoever had it was cut off. `unsure`: cut off, or given up, before a door could acknowledge;
   * somebody may have been told that nothing was run.
   */
  as: 'new' | 'again' | 'unsure'
  /** Resolves while nobody else has it, after waiting for Redis where that has to be asked; rejects with `NotOurs`. */
  assertOwned: () => Promise<void>
  /** Result of a step that this or an earlier holder saved. */
  savedStep: (step: string) => unknown
  /** Notes a step with what came of it (JSON). Without room for that it goes on all the same. */
  saveStep: (step: string, value: unknown) => Promise<void>
  /** It was answered: nobody has to look at it any more. */
  ack: () => Promise<void>
  /** Releases the lease: another process takes the command within seconds. */
  release: () => void
}

/** Commands that were accepted and are not answered yet. */
export type CommandInbox = {
  /**
   * Keeps it, in at most `acceptTimeoutMs` of `Timing`; the same id again, or the same press again within some seconds, is a
   * duplicate. What was not kept is never handed out by `takeOver` as more than `unsure`.
   */
  accept: (command: AcceptedCommand, press?: string) => Promise<CommandLease | NotAccepted | 'duplicate'>
  /** Takes at most `most` commands whose holder is gone. */
  takeOver: (most: number) => Promise<readonly CommandLease[]>
  /** Leaves what is still held to others, at once. */
  close: () => Promise<void>
}

/** Another process holds the command by now: the handler stops. */
export class LeaseLostError extends Error {
  constructor(id: string) {
    super(`command ${id} is in other hands`)
    this.name = 'NotOurs'
  }
}

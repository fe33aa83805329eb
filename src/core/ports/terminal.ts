import type { Principal } from '#core/people/principal'
import type { DebugSpec } from '#core/runs/debug-spec'

/** Size of a terminal in characters, each 1 to 1,000: callers clamp it. */
export type TerminalSize = { cols: number; rows: number }

/** Container that a session runs in. `cluster`: the cluster's name in the configuration. */
export type SessionPlace = { cluster: string; namespace: string; pod: string; container: string }

/** Session in a container. */
export type SessionKey = {
  /** Id of the session, in the form of run ids: 12 of [a-z2-7]. */
  id: string
  /** Key of the frames' MACs: 32 bytes as lower-case hex digits. */
  keyHex: string
  /** Person as whom the cluster is asked, where the program acts for people; left out, the program's own account. */
  by?: Pick<Principal, 'id' | 'groups'>
}

/** What starts a session's shell. */
export type SessionStart = SessionKey & {
  argv: readonly string[]
  size: TerminalSize
  /** Seconds for which nobody may be attached; then the shell gets SIGHUP. 1 to 3,600. */
  detachedSeconds: number
  /** Seconds after which the shell gets SIGHUP in any case. */
  maxSeconds: number
}

/**
 * Event of an attached session. `output`: `from` is the number of its first byte, counted from the session's start.
 * `echo`: settings of the terminal; a password is typed with `echo` off and `canonical` on. The event comes before the
 * `input` event of what was typed under these settings. `input`: number of typed bytes that the shell's terminal was
 * given since the session's start; the first one comes before any output and says how much the session has already.
 * `ended`: `total` and `sha256` are of all output; `signal` is a name such as `SIGKILL`; `why` is what ended it.
 */
export type TerminalEvent =
  | { kind: 'output'; from: number; bytes: Uint8Array }
  | { kind: 'size'; size: TerminalSize }
  | { kind: 'echo'; echo: boolean; canonical: boolean }
  | { kind: 'input'; upTo: number }
  | {
      kind: 'ended'
      exitCode: number | undefined
      signal: string | undefined
      total: number
      sha256: string
      why: TerminalEndReason
    }

/** `exited`: the shell ended by itself. `stopped`: the container was asked to end. */
export type TerminalEndReason = 'exited' | 'hang-up' | 'detached' | 'max-time' | 'stopped'

/** Connection to a session's shell. Methods other than `close` do nothing after the events have ended. */
export type AttachedShell = {
  /**
   * All events in order, for one reader. Ends after `ended`, or after `close`; throws a `TerminalConnectionError` when
   * the connection breaks. A reader that stops reading stops the connection from being read; beyond 256 KiB of output
   * that wasn't acknowledged the session sends none, so the shell is held back.
   */
  events: AsyncIterable<TerminalEvent>
  /**
   * Types bytes; `from` is the number of the first one since the session's start. Bytes that the shell was given
   * already are dropped. A gap before `from` breaks the connection (`gap`).
   */
  input: (from: number, bytes: Uint8Array) => void
  resize: (size: TerminalSize) => void
  /** Says that output up to this byte number (exclusive) isn't needed any more. */
  acknowledge: (upTo: number) => void
  /** Ends the shell: SIGHUP, two seconds later SIGKILL to all of its processes; `ended` follows. */
  hangUp: () => void
  /** Detaches; the shell goes on. */
  close: () => void
}

/**
 * Why a connection broke or wasn't made. `lost`: attach again. `gone`: the session or its container exists no more.
 * `replaced`: somebody attached to the session after this connection. `tampered`: a frame's MAC is wrong.
 * `released`: the output from that byte number was released. `gap`: typed bytes are missing before those that came.
 * `unsupported`: the container's image has no runner that knows sessions. `refused`: the API server refuses the exec.
 */
export type TerminalFault = 'lost' | 'gone' | 'replaced' | 'tampered' | 'released' | 'gap' | 'unsupported' | 'refused'

/** Error of a connection to a session; its message says what happened, and what to do where something can be done. */
export class TerminalConnectionError extends Error {
  readonly kind: TerminalFault
  /** True where the message is what the cluster says of the container or its node, for people to read. */
  readonly isExplained: boolean
  constructor(kind: TerminalFault, message: string, isExplained = false) {
    super(message)
    this.name = 'TerminalConnectionError'
    this.kind = kind
    this.isExplained = isExplained
  }
}

/** Sessions in running containers. All functions reject with a `TerminalConnectionError`. */
export type TerminalPort = {
  /** Starts a session's shell; does nothing where a session of that id was started in that container. */
  start: (place: SessionPlace, session: SessionStart) => Promise<void>
  /**
   * Attaches to a session from an output byte on. The one who attached before is disconnected (`replaced`).
   * `from`: at least the largest number that was acknowledged; output before it may be released.
   */
  attach: (place: SessionPlace, session: SessionKey & { from: number }) => Promise<AttachedShell>
}

/** Session for which a container is made: `spec` has the set's capabilities, mounts and user; its pipeline is unused. */
export type TerminalWork = {
  id: string
  spec: DebugSpec
  by: Pick<Principal, 'id' | 'groups'>
  /** Seconds after which the container ends, whatever runs in it. */
  maxSeconds: number
}

/** Containers of sessions: each is made for one session, and removed after it. */
export type TerminalContainers = {
  /**
   * Makes the session's container and resolves once it runs, or finds the one that was made before under that id. Rejects
   * with an error whose message says why it couldn't be started; what was made is removed then.
   */
  create: (work: TerminalWork, signal: AbortSignal) => Promise<SessionPlace & { uid: string }>
  /** Ends the session's container and everything in it; does nothing where there is none. */
  remove: (work: TerminalWork) => Promise<void>
}

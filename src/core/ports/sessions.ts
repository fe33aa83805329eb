import type { Run } from '#core/runs/run'
import type { Session, SessionEnd, SessionRef } from '#core/sessions/session'

/** A session that a worker has yet to end; `patient`: only once nothing runs in the container. */
export type EndingSession = SessionRef & SessionEnd & { id: string; patient: boolean }

/**
 * Store of sessions. Records are signed with a key that isn't in the store: a record without a valid signature is
 * `forged`. The expiry of the record is the only source of truth for the idle timeout of the container.
 */
export type Sessions = {
  /** Returns the warm container of a key and restarts its idle timeout. */
  find: (key: string, idleSeconds: number) => Promise<Session | 'forged' | undefined>
  /** Saves a session under its key; resolves with the previous one. */
  save: (ref: SessionRef, idleSeconds: number) => Promise<Session | undefined>
  /** Restarts the idle timeout; returns false where the key has another session, or none. */
  touch: (ref: SessionRef, idleSeconds: number) => Promise<boolean>
  /** Deletes the record of a session; returns false where the key has another session, or none. */
  forget: (ref: SessionRef) => Promise<boolean>
  /** Deletes a session's record and has a worker end its container; returns false where the record no longer exists. */
  end: (ref: SessionRef, reason: SessionEnd) => Promise<boolean>
  /** Has a worker end the container of a session without a record, once nothing runs in it. */
  retire: (ref: SessionRef, reason: SessionEnd) => Promise<void>
  /** Returns all sessions. */
  all: () => Promise<readonly { key: string; session: Session | 'forged' }[]>
  /** Returns the sessions that a worker has yet to end. */
  ending: () => Promise<readonly EndingSession[]>
  /** Removes a session from those that a worker has yet to end. */
  ended: (id: string) => Promise<void>
  /** Returns a session reference as signed text, to be stored in the run's `place`. */
  write: (run: string, ref: SessionRef) => string
  /** Reads a run's `place`; returns `forged` where it has no valid signature for that run. */
  read: (run: Pick<Run, 'id' | 'place'>) => SessionRef | 'forged' | undefined
}

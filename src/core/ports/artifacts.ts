import type { Instant } from '#core/util/instant'

/** A file beside the text of a run or session. `sha256` (hex) and `bytes`: of what is stored. `sensitivity`: whether it may hold what people typed or read. */
export type Artifact = {
  /** Path of letters, digits, `-`, `.` and `/`, at most 200 characters. */
  name: string
  mediaType: string
  bytes: number
  sha256: string
  createdAt: Instant
  expiresAt: Instant
  sensitivity: 'normal' | 'sensitive'
}

export type NewArtifact = Omit<Artifact, 'bytes' | 'sha256'>

/** Bytes that artifacts occupy, and those that they may still occupy; undefined where nothing limits them. */
export type ArtifactRoom = { usedBytes: number; freeBytes: number | undefined }

/**
 * Store of artifacts. What is sensitive is encrypted by callers: a store gets nothing that it could read. Each artifact is gone after its
 * `expiresAt`.
 */
export type ArtifactStore = {
  /** Stores an artifact in place of one of that name; `full` where there is no room, and then nothing is changed. */
  put: (artifact: NewArtifact, bytes: Uint8Array) => Promise<'stored' | 'full'>
  /** Returns an artifact; `broken` where it isn't what was stored. */
  get: (name: string) => Promise<{ artifact: Artifact; bytes: Uint8Array } | 'broken' | undefined>
  /** Returns the names that begin with a text, in order. */
  names: (prefix: string) => Promise<readonly string[]>
  remove: (name: string) => Promise<void>
  room: () => Promise<ArtifactRoom>
}

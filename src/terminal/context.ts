import type { OpeningPasskeys } from '#core/ports/passkeys'
import type { TerminalContainers, TerminalPort } from '#core/ports/terminal'
import type { TerminalBus } from '#core/ports/terminal-bus'
import type { SharedContext } from '#src/lifecycle/shared-context'
import type { RecordingParts } from './recording/read-recording.ts'

/** Why a browser isn't served: how its proof, its address or its link failed, which limit is reached, or that nothing can be recorded. */
export type RefusalReason = 'origin' | 'proof' | 'link' | 'rights' | 'limit' | 'protocol' | 'recording'

export type TerminalMetrics = {
  /** `open`: number of connections of this process. */
  connections: (open: number) => void
  attached: (how: 'first' | 'resumed') => void
  refused: (reason: RefusalReason) => void
  bytes: (direction: 'in' | 'out', count: number) => void
  /** Bytes that were recorded, as they are stored. */
  recorded: (bytes: number) => void
  /** Seconds from a key's arrival here to the next output. */
  echo: (seconds: number) => void
}

/** Dependencies of the job that ends sessions and removes what they leave. */
export type TerminalJobsContext = SharedContext &
  Pick<RecordingParts, 'artifacts' | 'recordings'> & {
    terminalBus: TerminalBus
    /** Containers of sessions. */
    containers: TerminalContainers
  }

/** Dependencies of the terminal role. */
export type TerminalContext = TerminalJobsContext &
  RecordingParts & {
    /** Shells in their containers. */
    shells: TerminalPort
    /** Returns the key of the MAC of a session's frames, as 64 hex digits. */
    sessionKey: (session: string) => string
    /** Present where the configuration has the URL of the pages for passkeys. */
    passkeys?: OpeningPasskeys
    /** URL at which people's browsers reach sessions. */
    url: URL
    /** Maximum number of connections of this process. */
    maxConnections: number
    metrics: TerminalMetrics
  }

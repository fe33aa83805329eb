import type { TerminalContainers, TerminalPort } from '#core/ports/terminal'
import type { TerminalBus } from '#core/ports/terminal-bus'
import type { SharedContext } from '#src/lifecycle/shared-context'

/** Why a browser isn't served: how its proof, its address or its link failed, or which limit is reached. */
export type RefusalReason = 'origin' | 'proof' | 'link' | 'rights' | 'limit' | 'protocol'

export type TerminalMetrics = {
  /** `open`: number of connections of this process. */
  connections: (open: number) => void
  attached: (how: 'first' | 'resumed') => void
  refused: (reason: RefusalReason) => void
  bytes: (direction: 'in' | 'out', count: number) => void
  /** Seconds from a key's arrival here to the next output. */
  echo: (seconds: number) => void
}

/** Dependencies of the terminal role. */
export type TerminalContext = SharedContext & {
  terminalBus: TerminalBus
  /** Shells in their containers, and those containers. */
  shells: TerminalPort
  containers: TerminalContainers
  /** Returns the key of the MAC of a session's frames, as 64 hex digits. */
  sessionKey: (session: string) => string
  /** URL at which people's browsers reach sessions. */
  url: URL
  /** Maximum number of connections of this process. */
  maxConnections: number
  metrics: TerminalMetrics
}

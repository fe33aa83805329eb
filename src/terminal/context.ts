import type { Platform } from '#core/people/principal'
import type { Policy } from '#core/policy/policy'
import type { ChatAdapter } from '#core/ports/chat'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'
import type { Store } from '#core/ports/store'
import type { TerminalContainers, TerminalPort } from '#core/ports/terminal'
import type { TerminalBus } from '#core/ports/terminal-bus'
import type { DebugDefaults } from '#core/runs/debug-spec'
import type { Traced } from '#core/runs/trace-steps'
import type { Timing } from '#core/util/default-timings'
import type { AuditContext } from '#src/lifecycle/audit-backfill'

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
export type TerminalContext = AuditContext & {
  adapters: ReadonlyMap<Platform, ChatAdapter>
  directory: Directory
  policy: () => Policy
  specDefaults: () => DebugDefaults
  orderedPause: () => string | undefined
  store: Store
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
  log: Log
  span: Traced
  timing: Timing
  now: () => Date
  hash: (value: unknown) => string
}

import type { Platform } from '#core/people/principal'
import type { Policy } from '#core/policy/policy'
import type { ChatAdapter } from '#core/ports/chat'
import type { Cluster, Images } from '#core/ports/cluster'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'
import type { CancelBus, RunQueue } from '#core/ports/queue'
import type { Store } from '#core/ports/store'
import type { Chart } from '#core/request/insight'
import type { Destination } from '#core/request/match-destination'
import type { Target } from '#core/request/target'
import type { Catalogue } from '#core/request/tool'
import type { DebugDefaults } from '#core/runs/debug-spec'
import type { EndReason } from '#core/runs/run'
import type { Traced } from '#core/runs/trace-steps'
import type { SessionIdleTimes, Sessions } from '#core/sessions/session'
import type { CodeReaders } from '#core/triage/evaluate'
import type { Playbooks } from '#core/triage/playbook'
import type { Timing } from '#core/util/default-timings'
import type { AuditContext } from '#src/lifecycle/audit-backfill'

/** Dependencies of a worker. */
export type WorkerContext = AuditContext & {
  adapters: ReadonlyMap<Platform, ChatAdapter>
  /** Looks up people as they are now: a person who has left since asking runs nothing. */
  directory: Directory
  clusters: ReadonlyMap<string, Cluster>
  /** Current policy: a run that was allowed when it was requested is authorized again before it starts. */
  policy: () => Policy
  /** Current defaults of specs, from which a run's spec is derived again before it starts. */
  specDefaults: () => DebugDefaults
  /** Returns the reason of a pause that the owner's file orders now. */
  orderedPause: () => string | undefined
  /** Regular expressions of the owner's own secrets, which are hidden in output. */
  redact: () => readonly string[]
  catalogue: Catalogue
  queue: Pick<RunQueue, 'waitingList' | 'remove' | 'has'>
  store: Store
  sessions: Sessions
  /** Idle timeouts of sessions, from the current configuration. */
  sessionIdleTimes: () => SessionIdleTimes
  cancelBus: CancelBus
  log: Log
  span: Traced
  timing: Timing
  now: () => Date
  /** Adds the current addresses of the destinations' names, if the policy denies any destination. */
  resolveDestinations: (destinations: readonly Destination[], target: Target) => Promise<readonly Destination[]>
  images: Images
  /** Checks of triage, and the readers of their outputs. */
  playbooks: Playbooks
  checkReaders: CodeReaders
  /** Renders a chart as PNG. */
  renderChart: (chart: Chart) => Promise<Uint8Array>
  /** Returns the SHA-256 of a value, independent of the order of its keys. */
  hash: (value: unknown) => string
  /** `waitSeconds`: from the run's queueing to its start. */
  observeStart: (waitSeconds: number) => void
  observeEnd: (reason: EndReason, seconds: number) => void
  /** `pastHalfTime`: number of undecided requests of whose time to decide more than half has passed. */
  observeApprovals: (pastHalfTime: number) => void
}

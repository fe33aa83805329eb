import type { Platform } from '#core/people/principal'
import type { Policy } from '#core/policy/policy'
import type { ChatAdapter } from '#core/ports/chat'
import type { Cluster, Images } from '#core/ports/cluster'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'
import type { CancelBus, RunQueue } from '#core/ports/queue'
import type { Store } from '#core/ports/store'
import type { Destination } from '#core/request/destination'
import type { Chart } from '#core/request/insight'
import type { Catalogue } from '#core/request/tool'
import type { EndReason, Run } from '#core/runs/run'
import type { Traced } from '#core/runs/trace-steps'
import type { SessionIdleTimes, Sessions } from '#core/sessions/session'
import type { Timing } from '#core/util/timing'
import type { AuditContext } from '#src/lifecycle/audit-backfill'

/** Everything a worker works with. */
export type WorkerContext = AuditContext & {
  adapters: ReadonlyMap<Platform, ChatAdapter>
  /** Looks up people as they are now: a person who has left since asking runs nothing. */
  directory: Directory
  clusters: ReadonlyMap<string, Cluster>
  /** Today's policy: what was allowed when it was asked is decided once more before it runs. */
  policy: () => Policy
  /** Regular expressions of the owner's own secrets in output. */
  redact: () => readonly string[]
  catalogue: Catalogue
  queue: Pick<RunQueue, 'waitingList'>
  store: Store
  sessions: Sessions
  /** How long containers stay ready after a run, by today's configuration. */
  keep: () => SessionIdleTimes
  cancelBus: CancelBus
  log: Log
  span: Traced
  timing: Timing
  now: () => Date
  /** Destinations with the addresses that their names lead to now, where the policy denies any. */
  locate: (destinations: readonly Destination[]) => Promise<readonly Destination[]>
  images: Images
  /** A chart as PNG. */
  picture: (chart: Chart) => Promise<Uint8Array>
  /** SHA-256 of a value, whatever the order of its keys. */
  hash: (value: unknown) => string
  /** True for a run that no bot of ours wrote as it stands. */
  hasInvalidSignature: (run: Run) => boolean
  ended: (reason: EndReason, seconds: number) => void
}

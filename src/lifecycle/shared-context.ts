import type { Platform } from '#core/people/platforms'
import type { Policy } from '#core/policy/policy'
import type { ChatAdapter } from '#core/ports/chat'
import type { Cluster, Images } from '#core/ports/cluster'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'
import type { CancelBus, RunQueue } from '#core/ports/queue'
import type { Sessions } from '#core/ports/sessions'
import type { Store } from '#core/ports/store'
import type { Destination } from '#core/request/match-destination'
import type { Target } from '#core/request/target'
import type { Catalogue } from '#core/request/tool'
import type { DebugDefaults } from '#core/runs/debug-spec'
import type { Traced } from '#core/runs/trace-steps'
import type { SessionIdleTimes } from '#core/sessions/session'
import type { CodeReaders } from '#core/triage/evaluate'
import type { Playbooks } from '#core/triage/playbook'
import type { Timing } from '#core/util/default-timings'
import type { AuditContext } from './audit-writer.ts'

/** The part of the owner's configuration that decides what runs, how, and what of its output is shown. */
export type SharedRules = {
  policy: Policy
  /** Defaults of specs. */
  defaults: DebugDefaults
  /** Idle timeouts of warm containers after a run, in seconds. */
  sessionIdleTimes: SessionIdleTimes
  /** Regular expressions that match the owner's own secrets in output. */
  redact: readonly string[]
  /** Reason of a pause of all runs that the owner's file orders. */
  paused?: string
}

/**
 * Dependencies that the bot's handlers and the worker's jobs have in common: the contexts of both are made of it. A
 * function takes only those that it uses: `Pick<SharedContext, 'store' | 'now'>`.
 */
export type SharedContext = AuditContext & {
  adapters: ReadonlyMap<Platform, ChatAdapter>
  /** Looks up people as they are now: a person who has left since asking runs nothing. */
  directory: Directory
  clusters: ReadonlyMap<string, Cluster>
  /** Returns the current configuration, which may change while the program runs. */
  rules: () => SharedRules
  catalogue: Catalogue
  queue: RunQueue
  store: Store
  sessions: Sessions
  cancelBus: CancelBus
  images: Images
  /** Checks of triage, and the readers of their outputs. */
  playbooks: () => Playbooks
  checkReaders: CodeReaders
  /** Adds the addresses that the destinations' names currently resolve to, where the policy denies any destination. */
  resolveDestinations: (destinations: readonly Destination[], target: Target) => Promise<readonly Destination[]>
  /** Returns the SHA-256 (hex) of a value, independent of the order of its keys. */
  hash: (value: unknown) => string
  log: Log
  span: Traced
  timing: Timing
  /** Returns the time of the clock that all processes share. */
  now: () => Date
}

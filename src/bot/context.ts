import type { Passkeys } from '#core/approvals/confirmation'
import type { PageGrant } from '#core/messages/run-page'
import type { Platform } from '#core/people/principal'
import type { Policy } from '#core/policy/policy'
import type { ChatAdapter } from '#core/ports/chat'
import type { Cluster, Images } from '#core/ports/cluster'
import type { Directory } from '#core/ports/directory'
import type { CommandInbox } from '#core/ports/inbox'
import type { Log } from '#core/ports/log'
import type { CancelBus, RunQueue } from '#core/ports/queue'
import type { Store } from '#core/ports/store'
import type { Destination } from '#core/request/destination'
import type { Catalogue } from '#core/request/tool'
import type { DebugDefaults } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import type { Traced } from '#core/runs/trace-steps'
import type { SessionIdleTimes, Sessions } from '#core/sessions/session'
import type { Timing } from '#core/util/timing'
import type { AuditContext } from '#src/lifecycle/audit-backfill'

/** What of the owner's configuration may change while the bot runs. */
export type Rules = {
  policy: Policy
  defaults: DebugDefaults
  image: { repo: string; version: string; digest?: string }
  defaultCluster: string
  /** How long containers stay ready after a run. */
  keep: SessionIdleTimes
  /** Commands a minute that one person may send. */
  perPerson: number
  /** Commands a minute that all people together may send in one channel. */
  perChannel: number
  /** Targets that one command may reach at once, and how many of them without saying their number. */
  fanOut: { most: number; confirmAbove: number }
  /** Regular expressions of the owner's own secrets in output. */
  redact: readonly string[]
  /** Whom to ask for more rights, in the owner's words. */
  contact?: string
}

/** Everything the bot's conductors work with. */
export type BotContext = AuditContext & {
  version: string
  adapters: ReadonlyMap<Platform, ChatAdapter>
  directory: Directory
  clusters: ReadonlyMap<string, Cluster>
  rules: () => Rules
  catalogue: Catalogue
  queue: RunQueue
  store: Store
  inbox: CommandInbox
  sessions: Sessions
  cancelBus: CancelBus
  log: Log
  span: Traced
  timing: Timing
  now: () => Date
  /** Destinations with the addresses that their names lead to now, where the policy denies any. */
  locate: (destinations: readonly Destination[]) => Promise<readonly Destination[]>
  images: Images
  count: (name: 'commands' | 'refused' | 'misunderstood' | 'queued' | 'duplicates' | 'asked') => void
  /** SHA-256 of a value, whatever the order of its keys. */
  hash: (value: unknown) => string
  /** Present where people can confirm by a passkey. */
  passkeys?: Passkeys
  /** Present where people's browsers reach pages of runs. */
  pages?: { link: (visit: PageGrant) => Promise<string> }
  /** Signs a run, so that workers know it for ours. */
  signRun: (run: Run) => Run
  /** True for a run that was changed by somebody else. */
  hasInvalidSignature: (run: Run) => boolean
}

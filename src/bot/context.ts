import type { Passkeys } from '#core/approvals/confirmation'
import type { OutputPlaces } from '#core/messages/output-place'
import type { PageGrant } from '#core/messages/run-page'
import type { Platform } from '#core/people/principal'
import type { Known } from '#core/people/to-principal'
import type { Policy } from '#core/policy/policy'
import type { ChatAdapter } from '#core/ports/chat'
import type { Cluster, Images } from '#core/ports/cluster'
import type { Directory } from '#core/ports/directory'
import type { CommandInbox } from '#core/ports/inbox'
import type { Log } from '#core/ports/log'
import type { CancelBus, RunQueue } from '#core/ports/queue'
import type { Store } from '#core/ports/store'
import type { Destination } from '#core/request/match-destination'
import type { Target } from '#core/request/target'
import type { Catalogue } from '#core/request/tool'
import type { DebugDefaults } from '#core/runs/debug-spec'
import type { Traced } from '#core/runs/trace-steps'
import type { SessionIdleTimes, Sessions } from '#core/sessions/session'
import type { Playbooks } from '#core/triage/playbook'
import type { Timing } from '#core/util/default-timings'
import type { AuditContext } from '#src/lifecycle/audit-backfill'

/** The part of the owner's configuration that may change while the bot runs. */
export type Rules = {
  policy: Policy
  defaults: DebugDefaults
  image: { repo: string; version: string; digest?: string }
  defaultCluster: string
  /** Idle timeouts of warm containers after a run, in seconds. */
  sessionIdleTimes: SessionIdleTimes
  /** Commands per minute that one person may send. */
  perPerson: number
  /** Commands per minute that all people together may send in one channel. */
  perChannel: number
  /**
   * Maximum number of targets of one command (`maxTargets`), and the maximum without an explicit `--targets`
   * (`confirmAbove`).
   */
  fanOut: { maxTargets: number; confirmAbove: number }
  /** Where the output of runs is shown, by platform and by channel. */
  outputPlaces: OutputPlaces
  /** Regular expressions that match the owner's own secrets in output. */
  redact: readonly string[]
  /** Groups and people of the owner's file, by which messages mention approvers. */
  known: Known
  /** Reason of a pause of all runs that the owner's file orders. */
  paused?: string
  /** Whom to ask for more rights, as the owner wrote it. */
  contact?: string
}

/** Dependencies of the bot's handlers. */
export type BotContext = AuditContext & {
  version: string
  adapters: ReadonlyMap<Platform, ChatAdapter>
  directory: Directory
  clusters: ReadonlyMap<string, Cluster>
  rules: () => Rules
  /** Returns the reason of a pause that the owner's file orders now. */
  orderedPause: () => string | undefined
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
  /** Adds the addresses that the destinations' names currently resolve to, where the policy denies any destination. */
  locate: (destinations: readonly Destination[], target: Target) => Promise<readonly Destination[]>
  images: Images
  count: (name: 'commands' | 'refused' | 'misunderstood' | 'queued' | 'duplicates' | 'asked') => void
  /** Returns the SHA-256 (hex) of a value, independent of the order of its keys. */
  hash: (value: unknown) => string
  /** Checks that triage may run. */
  playbooks: Playbooks
  /** Present where people can confirm with a passkey. */
  passkeys?: Passkeys
  /** Present where people's browsers can reach run pages. */
  pages?: { link: (visit: PageGrant) => Promise<string> }
}

import type { Alert, AlertEvent, AlertRules } from '#core/alerts/alert'
import type { PageGrant } from '#core/messages/run-page'
import type { OutputPlaces } from '#core/messages/thread-or-channel'
import type { Known } from '#core/people/to-principal'
import type { ArtifactStore } from '#core/ports/artifacts'
import type { CommandInbox } from '#core/ports/inbox'
import type { Passkeys } from '#core/ports/passkeys'
import type { AuditLog } from '#core/ports/store'
import type { TerminalBus } from '#core/ports/terminal-bus'
import type { SharedContext, SharedRules } from '#src/lifecycle/shared-context'

/** The part of the owner's configuration that may change while the bot runs. */
export type Rules = SharedRules & {
  image: { repo: string; version: string; digest?: string }
  defaultCluster: string
  /** Commands per minute that one person may send. */
  perPerson: number
  /** Commands per minute that all people together may send in one channel. */
  perChannel: number
  /** Maximum number of open shells of one person, and on one target. */
  shells: { perPerson: number; perTarget: number }
  /**
   * Maximum number of targets of one command (`maxTargets`), and the maximum without an explicit `--targets`
   * (`confirmAbove`).
   */
  fanOut: { maxTargets: number; confirmAbove: number }
  /** Where the output of runs is shown, by platform and by channel. */
  outputPlaces: OutputPlaces
  /** Senders of alerts, and channels in which messages are read as alerts. */
  alerts: AlertRules
  /** Groups and people of the owner's file, by which messages mention approvers. */
  known: Known
  /** Whom to ask for more rights, as the owner wrote it. */
  contact?: string
}

/** Dependencies of the bot's handlers. */
export type BotContext = Omit<SharedContext, 'rules'> & {
  version: string
  rules: () => Rules
  inbox: CommandInbox
  count: (name: 'commands' | 'refused' | 'misunderstood' | 'queued' | 'duplicates' | 'asked') => void
  /** Yields the audit log from its end, without what this program didn't write. */
  readAuditBack: AuditLog['readBack']
  countAlert: (event: AlertEvent) => void
  /** Returns the labels of the alerts behind an incident, where the sender's token is known. */
  incidentLabels?: (alert: Alert) => Promise<Readonly<Record<string, string>>>
  /** Present where people can confirm with a passkey. */
  passkeys?: Passkeys
  /** Present where people's browsers can reach sessions' pages. */
  terminal?: { url: URL }
  terminalBus: TerminalBus
  /** Room for recordings. */
  artifacts: Pick<ArtifactStore, 'room'>
  /** Present where people's browsers can reach sessions' pages. */
  replays?: { link: (visit: PageGrant) => Promise<string> }
  /** Present where people's browsers can reach run pages. */
  pages?: { link: (visit: PageGrant) => Promise<string> }
}

import type { ApprovalState, Review } from '#core/approvals/approval'
import type { OutputView } from '#core/output/output-view'
import type { RecordingSummary } from '#core/recording/session-recording'
import type { Insight } from '#core/request/insight'
import type { RunAction } from '#core/runs/actions'
import type { End, EndReason } from '#core/runs/run'
import type { TimelineEntry } from '#core/timeline/format-timeline'
import type { Finding } from '#core/triage/rank'
import type { TargetTable } from '#core/triage/target-table'
import type { Instant } from '#core/util/instant'
import type { RequestFacts } from './request-facts.ts'

/** Part of a run that its message shows. Texts are plain: an adapter escapes them for its platform. */
export type RunCard = {
  id: string
  by: string
  /** Target as text, without the cluster: `node/node001`, `-n shop pod/web-1`. */
  target: string
  cluster: string
  /** Exact argv of all stages, shell-quoted. */
  command: string
  /** The command as it was typed, to be edited and run again. */
  typed?: string
  /** Texts about what was derived, added or limited (such as `-c 5` for `ping`). */
  added: readonly string[]
  /** The capability set that allowed it. */
  set: string
  /** Seconds from the tool's start until it is ended. */
  deadline: number
  queuedAt: Instant
  startedAt?: Instant
  /** Idle seconds of the session, and its kind: a debug pod for a node, an ephemeral container in a pod. */
  kept?: { seconds: number; what: 'node' | 'pod' }
  /** Actions that are currently possible; shown as buttons. */
  actions: readonly RunAction[]
}

/**
 * Which of a run's two messages it is. `root`: state and result in a few lines, in the channel. `thread`: output and
 * details, in the root's thread. Absent: one message shows everything.
 */
export type MessagePart = 'root' | 'thread'

/** Accounts and groups that a message notifies when it is posted, as in `MessageView.mentions`. */
type Mentions = readonly string[]

/** Content of a message that the bot posts, independent of the platform. */
export type Message =
  | { kind: 'help'; title: string; text: string; examples: readonly { command: string; about: string }[] }
  | { kind: 'misunderstood'; message: string; typed: string; suggestion?: string }
  | {
      kind: 'refused'
      /** What was requested and why it is refused. */
      message: string
      /** True where the refusal is meant for everyone in the channel, not only for the requester. */
      toAll?: boolean
      /** What would allow the request, and whom to contact. */
      wayOut?: string
      typed: string
    }
  | { kind: 'listing'; title: string; columns: readonly string[]; rows: readonly (readonly string[])[]; note?: string }
  | {
      kind: 'asking'
      run: RunCard
      /** True where the message is requested by a person who may review the request. */
      mayDecide?: boolean
      state: ApprovalState | 'withdrawn'
      facts: RequestFacts
      /** Number of approvals that are still needed, and the subjects that may give them. */
      missing: { count: number; of: readonly string[] }
      /** Seconds for which an approval may cover further requests of the same person on this target. */
      window?: number
      reviews: readonly Review[]
      expiresAt: Instant
      /** First 12 characters of the spec's hash. */
      hash: string
      /** The standing approval that would cover the request, if it had the power `what`. */
      beyond?: { run: string; what: string }
      /** True where the reader approves further requests too. */
      alsoWindow?: boolean
      mention?: Mentions
      /** Why the request ended without a decision, where nobody withdrew it. */
      why?: string
    }
  /** Link to the page where this person, and only this person, confirms an approval with a passkey. */
  | { kind: 'confirm'; run: string; who: string; link: string }
  /** An interactive session: open with the minutes that it has left, or ended. */
  | {
      kind: 'session'
      run: RunCard
      until: Instant
      minutes: number
      /** Seconds without use after which it ends. */
      idle: number
      end?: End
      /** Seconds for which it was open. */
      duration?: number
      output?: { bytes: number; sha256: string }
      /** Its recording, once that is closed. */
      recording?: RecordingSummary
    }
  /** Link to an open session, for one person. */
  | {
      kind: 'session-link'
      run: string
      who: string
      target: string
      set: string
      link: string
      /** Further sets that would give a shell there. */
      more?: readonly string[]
    }
  /** Link to the replay of a recording, for one person. */
  | { kind: 'replay-link'; run: string; who: string; target: string; link: string }
  /** Link to a run's page, or to that of a timeline, for one person. */
  | { kind: 'link'; run: string; who: string; link: string; timeline?: true }
  /**
   * A person runs a command without the approval that the set requires (break glass); posted to the approvers' channel.
   */
  | { kind: 'glass-broken'; run: RunCard; facts: RequestFacts; mention?: Mentions }
  /** A command runs under the standing approval that the run `under` has, until `until`; for those who gave it. */
  | {
      kind: 'standing-use'
      run: RunCard
      facts: RequestFacts
      under: string
      reviews: readonly Review[]
      until: Instant
      mention?: Mentions
    }
  /** Decision on a request, for its requester. `refused`: it was approved, and is not run all the same. */
  | {
      kind: 'decided'
      run: RunCard
      facts: RequestFacts
      decision: 'approved' | 'denied' | 'expired' | 'refused'
      reviews: readonly Review[]
      /** Why it isn't run. */
      why?: string
      mention?: Mentions
    }
  /** `progress`: an update of the queue position, which an adapter may drop while its platform is busy. */
  | { kind: 'queued'; part?: MessagePart; run: RunCard; note?: string; progress?: true }
  | { kind: 'starting'; part?: MessagePart; run: RunCard }
  | { kind: 'running'; part?: MessagePart; run: RunCard; output: OutputView; elapsed: number }
  | {
      kind: 'ended'
      part?: MessagePart
      run: RunCard
      end: End
      /** Seconds for which the tool ran. */
      duration: number
      output: OutputView
      /** True where the stored output isn't what was recorded when the run ended. */
      changed?: boolean
      /** Interpretation of the output, where the tool has one. */
      insight?: Insight
      /** Advice for this ending, from the tool's hints and the troubleshooting guide. */
      hint?: string
      /** Name of the attached file with the whole output, where the message doesn't show all of it. */
      file?: string
      /** True where the platform took no file with the whole output. */
      fileRefused?: true
    }
  /**
   * One command on many targets; each item of `results` is a group of targets with the same end reason and exit code.
   */
  | {
      kind: 'fan-out'
      part?: MessagePart
      id: string
      by: string
      /** Selector as text: `nodes with pool=web`. */
      where: string
      command: string
      total: number
      ended: number
      running: number
      results: readonly {
        reason: EndReason
        exitCode?: number
        /** Summary of the first target's output in one line. */
        said?: string
        /** True when the outputs of all these targets are equal. */
        same: boolean
        targets: readonly string[]
      }[]
      skipped: readonly { why: string; targets: readonly string[] }[]
      actions: readonly RunAction[]
      /** Name of the attached file with the outputs of all targets. */
      file?: string
      /** True where the platform took no file with the outputs. */
      fileRefused?: true
    }
  /** Checks on one or many targets: what they found, the most likely cause first. */
  | {
      kind: 'triage'
      part?: MessagePart
      id: string
      by: string
      /** Targets as text: `node/node001`, `nodes with pool=web`. */
      where: string
      playbooks: readonly string[]
      /** Number of targets, of runs, and of runs that have ended. */
      targets: number
      total: number
      ended: number
      findings: readonly Finding[]
      /** Number of findings that aren't shown. */
      more: number
      counts: { fail: number; warn: number; ok: number; unknown: number }
      notLookedAt: readonly string[]
      /** Number of checks that the person may not run. */
      notAllowed: number
      skipped: readonly { why: string; targets: readonly string[] }[]
      /** The alert that it looks into: its name, and how long it fired where it is resolved. */
      alert?: { name: string; resolvedAfter?: string }
      /** Targets by checks, where there are several of both. */
      table?: TargetTable
      /** What changed since an earlier triage of the same targets. */
      changes?: readonly string[]
      actions: readonly RunAction[]
      file?: string
      fileRefused?: true
    }
  /** What happened in a channel or thread, oldest first. */
  | {
      kind: 'timeline'
      where: string
      since: Instant
      entries: readonly TimelineEntry[]
      /** True where there was more than is read. */
      cut: boolean
      /** Names of the attached files. */
      files: readonly string[]
      filesRefused: boolean
      /** True where a page can have the files. */
      hasPages: boolean
    }
  /** An alert of a program: what it says, and the known objects that it names. */
  | {
      kind: 'alert'
      id: string
      sender: string
      name: string
      severity?: string
      texts: readonly string[]
      labels: readonly { label: string; value: string }[]
      /** Number of labels that aren't shown. */
      moreLabels: number
      startsAt: Instant
      resolvedAt?: Instant
      /** Names of the objects, one for each button. */
      choices: readonly string[]
      /** Why there is no button, or what is asked. */
      note?: string
      /** What was found when it fired before. */
      before?: string
      /** As whom triage began by itself. */
      automatic?: string
    }
  /** A page of a run's output, or of its lines that contain `words`. */
  | {
      kind: 'output'
      run: string
      /** True where the stored output isn't what was recorded when the run ended. */
      changed?: boolean
      /** Command and target as text. */
      what: string
      text: string
      page: number
      pages: number
      lines: number
      found: number
      words?: string
    }
  | { kind: 'trouble'; message: string; typed?: string; reference?: string }

/** Message that shows a run from its queueing to its end; a later one replaces the one before. */
export type ProgressMessage = Extract<Message, { kind: 'queued' | 'starting' | 'running' | 'ended' }>
export type EndedMessage = Extract<Message, { kind: 'ended' }>
export type FanOutMessage = Extract<Message, { kind: 'fan-out' }>
export type TimelineMessage = Extract<Message, { kind: 'timeline' }>
export type AlertMessage = Extract<Message, { kind: 'alert' }>
export type TriageMessage = Extract<Message, { kind: 'triage' }>
/** Message that shows several runs. */
export type SummaryMessage = FanOutMessage | TriageMessage

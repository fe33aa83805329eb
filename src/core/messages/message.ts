import type { ApprovalState, Review } from '#core/approvals/approval'
import type { OutputView } from '#core/output/output-view'
import type { Capability } from '#core/request/capability'
import type { Insight } from '#core/request/insight'
import type { HostAccess } from '#core/request/tool'
import type { End, EndReason, RunAction } from '#core/runs/run'
import type { Instant } from '#core/util/instant'

/** What of a run stands in its message. Texts are plain: an adapter escapes them for its platform. */
export type RunCard = {
  id: string
  by: string
  /** `node/node001`, `-n shop pod/web-1`; the cluster only where there is more than one. */
  target: string
  cluster: string
  /** The exact words that run. */
  command: string
  /** The command as it was typed, for running it again with other words. */
  typed?: string
  /** What was worked out or bounded, in words. */
  added: readonly string[]
  /** The capability set that allowed it. */
  set: string
  /** Seconds until the tool is ended. */
  deadline: number
  queuedAt: Instant
  startedAt?: Instant
  /** For how long what it ran in stays ready: its own pod for a node, a container in somebody's pod. */
  kept?: { seconds: number; what: 'node' | 'pod' }
  /** What may be done now; buttons are made from it. */
  actions: readonly RunAction[]
}

export type Message =
  | { kind: 'help'; title: string; text: string; examples: readonly { command: string; about: string }[] }
  | { kind: 'misunderstood'; message: string; typed: string; suggestion?: string }
  | {
      kind: 'refused'
      /** What was asked and why not. */
      message: string
      /** True where it concerns everybody who reads there, not only who asked. */
      toAll?: boolean
      /** What would allow it, and whom to ask. */
      wayOut?: string
      typed: string
    }
  | { kind: 'listing'; title: string; columns: readonly string[]; rows: readonly (readonly string[])[]; note?: string }
  | {
      kind: 'asking'
      run: RunCard
      /** True where it was asked for by somebody who may decide it. */
      mayDecide?: boolean
      state: ApprovalState | 'withdrawn'
      reason?: string
      /** How many approvals are still needed, and of whom. */
      missing: { count: number; of: readonly string[] }
      /** Seconds for which an approval may stand for further requests of the same person on this target. */
      window?: number
      reviews: readonly Review[]
      expiresAt: Instant
      capabilities: readonly Capability[]
      host: HostAccess
      /** With its digest, where it is pinned. */
      image: string
      /** The beginning of the hash of what would run. */
      hash: string
    }
  /** An approval wants a passkey: a page where only that person can give it. */
  | { kind: 'confirm'; run: string; who: string; link: string }
  /** A run's page, for one person. */
  | { kind: 'link'; run: string; who: string; link: string }
  /** Somebody goes on without the approval that the set asks for; shown where approvers look. */
  | { kind: 'glass-broken'; run: RunCard; reason: string }
  /** `progress`: not its first words, but what is in its way by now; may be left out where a platform is busy. */
  | { kind: 'queued'; run: RunCard; note?: string; progress?: true }
  | { kind: 'starting'; run: RunCard }
  | { kind: 'running'; run: RunCard; output: OutputView; elapsed: number }
  | {
      kind: 'ended'
      run: RunCard
      end: End
      /** Seconds that the tool ran. */
      duration: number
      output: OutputView
      /** What the output means, where its tool can tell. */
      insight?: Insight
      /** What helps with this ending, from the tool's hints and the troubleshooting guide. */
      hint?: string
      /** Name of the attached file, when the tail isn't all. */
      file?: string
    }
  /** One command on many targets; `results` are those that ended alike. */
  | {
      kind: 'fan-out'
      id: string
      by: string
      /** `nodes with pool=web`. */
      where: string
      command: string
      total: number
      ended: number
      running: number
      results: readonly {
        reason: EndReason
        exitCode?: number
        /** The end of the first one's output. */
        said?: string
        /** True when all of them wrote the same. */
        same: boolean
        targets: readonly string[]
      }[]
      skipped: readonly { why: string; targets: readonly string[] }[]
      actions: readonly RunAction[]
      /** Name of the attached file with all outputs. */
      file?: string
    }
  /** A page of what a run wrote, or of those of its lines that hold `words`. */
  | {
      kind: 'output'
      run: string
      /** Command and target. */
      what: string
      text: string
      page: number
      pages: number
      lines: number
      found: number
      words?: string
    }
  | { kind: 'trouble'; message: string; typed?: string; reference?: string }

import type { Notice } from '#core/messages/message'
import type { InLine } from '#core/messages/queue-position'
import type { OutputChunk, OutputPoint, Transcripts } from '#core/output/stored-output'
import type { AccountRef, MessageRef, Platform, Principal, ThreadRef } from '#core/request/request'
import type { NodeInfo, PodInfo, Target, TargetFacts, TargetProblem } from '#core/request/target'
import type { AuditEntry, AuditRecord } from '#core/runs/audit-record'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End, Run } from '#core/runs/run'
import type { ContainerRef, StandingContainers, Stay } from '#core/sessions/session'
import type { Instant } from '#core/util/instant'

/** Who an account is, as its platform says now. `name` is for showing only, never for deciding. */
export type Account = AccountRef & {
  name: string
  /** Present only where the platform has verified it. */
  email?: string
  /** `stranger`: of another workspace or tenant. `unknown`: the platform doesn't know it, or doesn't show it to us. */
  kind: 'member' | 'guest' | 'stranger' | 'bot' | 'deactivated' | 'unknown'
  /** The platform's own groups, as grants name them: `slack:usergroup/S0NETOPS`. */
  groups: readonly string[]
}

export type InboundCommand = {
  /** Who sent it, as the platform proves it. */
  account: AccountRef
  /** As typed, without the bot's name or the slash command's word. */
  text: string
  thread: ThreadRef
  /** What makes this command one command on its platform (message, trigger): the same key again is the same command. */
  key: string
  at: Instant
}

/** A button. `run` is the run's id, with a page behind it for `output`. */
export type InboundAction = {
  account: AccountRef
  action: 'approve' | 'approve-window' | 'deny' | 'cancel' | 'rerun' | 'output' | 'link' | 'end'
  run: string
  thread: ThreadRef
  key: string
  at: Instant
}

/**
 * What a chat door hands inwards, before it acknowledges. `command` and `action` resolve within two seconds: with undefined once it is
 * accepted, and then it is answered whichever process dies; else with what the door tells whoever asked, and it is never carried out.
 */
export type Inbox = {
  command: (inbound: InboundCommand) => Promise<Notice | undefined>
  action: (inbound: InboundAction) => Promise<Notice | undefined>
  /**
   * What a form or a person's own page wants to know, in plain words (no entities): answered to the door, not into the chat.
   * Only questions are answered; what would do something is refused. Rejects when something breaks.
   */
  ask: (inbound: InboundCommand) => Promise<readonly Notice[]>
}

/** A file: a text, or a picture (PNG in base64) with its content in words for people who don't see it. */
export type Attachment = { name: string; title: string } & ({ text: string } | { png: string; alt: string })

/** Where platforms differ, as values. */
export type ChatLimits = {
  /** Characters of output that one message can hold besides its other parts. */
  outputChars: number
  /** Milliseconds between two edits of one message. */
  editInterval: number
  /** Bytes of a file that can be attached; 0 where files can't be. */
  fileBytes: number
}

export type ChatAdapter = {
  platform: Platform
  limits: ChatLimits
  /** Starts to receive. Resolves when the door is open. */
  listen: (inbox: Inbox) => Promise<void>
  /** Writes a new message. Rejects with `ChatError`. */
  post: (thread: ThreadRef, notice: Notice) => Promise<MessageRef>
  /** Writes it where only this account sees it, where the platform can do that; else as `post`. It can't be edited. */
  whisper: (thread: ThreadRef, account: AccountRef, notice: Notice) => Promise<MessageRef>
  /** Replaces the message's content. Rejects with `ChatError`. */
  edit: (message: MessageRef, notice: Notice) => Promise<void>
  /** Puts a file into the message's thread. Rejects with `ChatError`. */
  attach: (message: MessageRef, file: Attachment) => Promise<void>
  /**
   * Who this account is now; at most `personCacheMs` old.
   * Rejects with `ChatError` when the platform can't be asked.
   */
  account: (account: AccountRef) => Promise<Account>
  /** True when the platform can be reached with our credentials. */
  ready: () => Promise<boolean>
  close: () => Promise<void>
}

/** The chat platform didn't take it, or didn't answer. `retryAfter` (milliseconds) is the platform's own word; `permanent` means never again. */
export class ChatError extends Error {
  readonly retryAfter: number | undefined
  readonly permanent: boolean
  constructor(message: string, options: { retryAfter?: number; permanent?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'ChatError'
    this.retryAfter = options.retryAfter
    this.permanent = options.permanent ?? false
  }
}

/** Why nobody is served for an account. `temporary`: its platform couldn't be asked just now, so it may be tried again. */
export type Refused = { refused: string; temporary: boolean; account: AccountRef }

/** People and groups. */
export type Directory = {
  /** The person behind an account as of now, or why there is none. What platforms say is at most `personCacheMs` old. Doesn't reject for a platform that is away. */
  person: (account: AccountRef) => Promise<Principal | Refused>
}

/** A tool that runs in a cluster. */
export type DebugProcess = {
  /** Resolves when the tool's container runs; never rejects: a start that failed is told by `ended`. */
  started: Promise<ContainerRef>
  /** All output in order, each chunk once; ends before `ended` resolves. Reading slowly holds the tool back. */
  output: AsyncIterable<OutputChunk>
  /** Resolves exactly once, after the output's last chunk; never rejects. */
  ended: Promise<End>
  /**
   * Takes all of it that doesn't stay out of the cluster, as far as that can be reached; never rejects. For when its ending is
   * saved: who takes a run over before that still finds what it left.
   */
  remove: () => Promise<void>
  /** Follows it no more, and leaves the tool to whoever follows it now: `output` ends, `ended` may never resolve. */
  leave: () => void
}

/** A run as a cluster needs it: what is run, and for whom. */
export type Work = {
  id: string
  spec: DebugSpec
  by: Pick<Principal, 'id' | 'groups'>
  /** Its container is left standing after an orderly end. */
  stay?: Stay
  /** How far its output was read by whoever followed it before; left out, it comes from its beginning. */
  from?: OutputPoint
}

/** One cluster. Aborting `signal` ends a tool as `canceled`. */
export type Cluster = StandingContainers<Work, DebugProcess> & {
  name: string
  nodes: () => Promise<readonly NodeInfo[]>
  pods: (namespace: string) => Promise<readonly PodInfo[]>
  resolve: (target: Target) => Promise<TargetFacts | TargetProblem>
  /** Asks the cluster whether it would take this, and makes nothing: why not, in one sentence; undefined when it would. */
  rehearse: (run: Work) => Promise<string | undefined>
  /** Starts the tool. Everything that goes wrong is told by the process' `ended`. */
  launch: (run: Work, signal: AbortSignal) => DebugProcess
  /** Takes over a run that another worker began: follows its pod if there is one, else ends as `lost`. */
  adopt: (run: Work, signal: AbortSignal) => DebugProcess
  /** Removes debug pods whose run isn't in `alive`; resolves with the runs' ids. */
  reap: (alive: (runId: string) => Promise<boolean>) => Promise<readonly string[]>
  /** Rejects with the reason when the cluster can't be worked with; resolves with what is worth knowing, if anything is. */
  check: () => Promise<string | undefined>
}

/** Which bytes the names of images stand for. */
export type Images = {
  /**
   * The image with its digest (`repo:v1@sha256:…`), which was looked up at most `maxAge` seconds ago; as it was given where it has
   * one already, and where the owner leaves tags as they are. Else why it can't be told: one sentence without its full stop. That
   * may be a minute old, unless `maxAge` is 0.
   */
  pin: (image: string, maxAge: number) => Promise<{ image: string } | { problem: string }>
}

export type RunQueue = {
  /** `place`: how many of the same person's runs were queued lately, this one among them; who has the fewest comes first. */
  add: (run: Run, place: number) => Promise<'added' | 'duplicate' | 'full'>
  /** True for a run that waits, that a worker has, or that one had lately. */
  has: (runId: string) => Promise<boolean>
  /** Takes a waiting run out again; false when a worker has it already. */
  remove: (runId: string) => Promise<boolean>
  /** How many runs would come before one of this place. */
  before: (place: number) => Promise<number>
  /** The first ones in line, and of each busy node and cluster the first ones that wait for it: at most so many of each. */
  line: (most: number) => Promise<readonly InLine[]>
  /** How many runs wait, and how many workers there are. */
  counts: () => Promise<{ waiting: number; active: number; workers: number }>
}

/** Tells all workers, and hears, that a run is to be canceled. */
export type CancelBus = {
  cancel: (runId: string, by: string) => Promise<void>
  /** Calls back at once when it was canceled before. Returns the way to stop listening. */
  onCancel: (runId: string, callback: (by: string) => void) => Promise<() => Promise<void>>
}

export type Store = {
  /** True for the first caller with this key; false for the others, until `seconds` have passed. */
  claim: (key: string, seconds: number) => Promise<boolean>
  /** How often this was called with this key in the present window of so many seconds, this call among them. */
  count: (key: string, seconds: number) => Promise<number>
  /** Saves a new run; false when there is one of that id. */
  addRun: (run: Run) => Promise<boolean>
  run: (id: string) => Promise<Run | undefined>
  /** Compare and swap: `change` is called with the newest state until its result could be saved; undefined leaves all as it is. */
  changeRun: (id: string, change: (run: Run) => Run | undefined) => Promise<Run | undefined>
  /** A person's newest runs, newest first. */
  runsOf: (personId: string, limit: number) => Promise<readonly Run[]>
  /** Ids of runs that haven't ended, or whose ending hasn't been told. */
  openRuns: () => Promise<readonly string[]>
  /** Strikes a run off that list. */
  closeRun: (id: string) => Promise<void>
  /** Remembers a text under a key, for so many seconds where they are given. */
  keep: (key: string, text: string, seconds?: number) => Promise<void>
  kept: (key: string) => Promise<string | undefined>
  /** The same, for one caller only: it is forgotten by this. */
  take: (key: string) => Promise<string | undefined>
  /** Gives back what `claim` took. */
  release: (key: string) => Promise<void>
  /** Remembers a text under a key's field, and all of the key's fields for so many seconds from now. */
  note: (key: string, field: string, text: string, seconds: number) => Promise<void>
  /** All fields of a key with their texts. */
  notes: (key: string) => Promise<ReadonlyMap<string, string>>
  strike: (key: string, field: string) => Promise<void>
} & Transcripts

/**
 * An ordered, lasting log of entries, readable from any process: what web and console show.
 * Entries are JSON; ids sort by age.
 */
export type Board = {
  append: (board: string, entry: unknown) => Promise<string>
  /** Entries after `after` (all when undefined), then new ones as they come, until `signal` aborts. */
  read: (board: string, after: string | undefined, signal: AbortSignal) => AsyncIterable<{ id: string; entry: unknown }>
}

/** What happened, for ever, in order, so that no change goes unseen. */
export type AuditLog = {
  /** Resolves when the record is kept; what it is about is done after that, never before. */
  append: (record: AuditRecord) => Promise<void>
  read: () => AsyncIterable<AuditEntry>
  /** Those of the runs that have left no such record, in one look that goes no further back than the decisions about them. */
  lacking: (what: AuditRecord['what'], runs: readonly string[]) => Promise<readonly string[]>
  /** How many records there are, or where the chain is broken. */
  verify: () => Promise<{ records: number } | { mistake: string }>
}

/** Structured log; `fields` first, as pino has it. */
export type Log = {
  debug: (fields: object, message: string) => void
  info: (fields: object, message: string) => void
  warn: (fields: object, message: string) => void
  error: (fields: object, message: string) => void
}

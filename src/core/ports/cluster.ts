import type { OutputChunk, OutputPoint } from '#core/output/stored-output'
import type { Principal } from '#core/people/principal'
import type { NodeInfo, PodInfo, Target, TargetFacts, TargetProblem } from '#core/request/target'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End } from '#core/runs/run'
import type { ContainerRef, SessionContainers, SessionLifetime } from '#core/sessions/session'

/** A tool that runs in a cluster. */
export type DebugProcess = {
  /** Resolves when the tool's container runs; never rejects: `ended` reports a failed start. */
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
  /** Stops following, and leaves the tool to the worker that follows it now: `output` ends, `ended` may never resolve. */
  leave: () => void
}

/** A run as a cluster needs it: what is run, and for whom. */
export type DebugRun = {
  id: string
  spec: DebugSpec
  by: Pick<Principal, 'id' | 'groups'>
  /** Its container is left standing after an orderly end. */
  stay?: SessionLifetime
  /** How far the worker before has read its output; left out, it is read from the beginning. */
  from?: OutputPoint
}

/** One cluster. Aborting `signal` ends a tool as `canceled`. */
export type Cluster = SessionContainers<DebugRun, DebugProcess> & {
  name: string
  nodes: () => Promise<readonly NodeInfo[]>
  pods: (namespace: string) => Promise<readonly PodInfo[]>
  resolve: (target: Target) => Promise<TargetFacts | TargetProblem>
  /** Asks the cluster whether it would take this, and makes nothing: why not, in one sentence; undefined when it would. */
  dryRun: (run: DebugRun) => Promise<string | undefined>
  /** Starts the tool. `ended` of the process reports every failure. */
  launch: (run: DebugRun, signal: AbortSignal) => DebugProcess
  /** Takes over a run that another worker began: follows its pod if there is one, else ends as `lost`. */
  adopt: (run: DebugRun, signal: AbortSignal) => DebugProcess
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

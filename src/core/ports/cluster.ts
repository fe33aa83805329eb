import type { ClusterFacts } from '#core/clusters/platform-restrictions'
import type { OutputChunk, OutputPoint } from '#core/output/transcript-state'
import type { Principal } from '#core/people/principal'
import type { Labels, NodeInfo, PodInfo, Target, TargetFacts, TargetProblem } from '#core/request/target'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End } from '#core/runs/run'
import type { ContainerRef, Session, SessionLifetime } from '#core/sessions/session'

/** A tool's process in a cluster. */
export type DebugProcess = {
  /** Resolves when the tool's container runs; never rejects: `ended` reports a failed start. */
  started: Promise<ContainerRef>
  /**
   * Yields all output in order, each chunk once; ends before `ended` resolves. A slow reader blocks the tool's writes.
   */
  output: AsyncIterable<OutputChunk>
  /** Resolves exactly once, after the output's last chunk; never rejects. */
  ended: Promise<End>
  /**
   * Removes the run's objects from the cluster, except a container that is reused, if the cluster is reachable; never
   * rejects. Call it after the ending is saved: until then a worker that takes the run over still needs them.
   */
  remove: () => Promise<void>
  /** Stops following the tool, which another worker follows now: `output` ends, `ended` may never resolve. */
  leave: () => void
}

/** Part of a run that a cluster needs: what is run, and for whom. */
export type DebugRun = {
  id: string
  spec: DebugSpec
  by: Pick<Principal, 'id' | 'groups'>
  /** Present where the container becomes a session after an orderly end. */
  stay?: SessionLifetime
  /** Present for a dry run of the container that the terminal will make for a shell, and the most seconds that it exists. */
  session?: { maxSeconds: number }
  /** Position up to which the previous worker has read the output; undefined: from the beginning. */
  from?: OutputPoint
}

/** Session functions of a cluster. */
export type SessionContainers = {
  /** Returns true where sessions are possible: the person, and the bot for them, may exec into such a container. */
  canKeepSession: (run: DebugRun) => Promise<boolean>
  /**
   * Starts the tool in a session's container (`begin`), once even if it is called repeatedly for a run, or follows a
   * tool that was started there (`follow`). Returns undefined where nothing was started: the container no longer exists
   * or, to follow, has no such run.
   */
  execInSession: (
    run: DebugRun,
    session: Session,
    how: 'begin' | 'follow',
    signal: AbortSignal,
  ) => Promise<DebugProcess | undefined>
  /** Prepares the next run in the session, where that helps and the cluster permits it; never rejects. */
  prewarmExec: (run: DebugRun, session: Session) => Promise<void>
  /** Releases what `prewarmExec` prepared; the containers continue to run. */
  close: () => void
  /** Ends a session's container and everything that runs in it. Rejects where the cluster can't be reached. */
  end: (session: Session) => Promise<void>
}

export type DryRunResult = { ok: true } | { ok: false; problem: string }

/** One cluster. Aborting `signal` ends a tool with the reason `canceled`. */
export type Cluster = SessionContainers & {
  name: string
  nodes: () => Promise<readonly NodeInfo[]>
  pods: (namespace: string) => Promise<readonly PodInfo[]>
  /** Returns the labels by which a service selects its pods: none for one that selects none. */
  service: (namespace: string, name: string) => Promise<{ selector: Labels } | TargetProblem>
  resolve: (target: Target) => Promise<TargetFacts | TargetProblem>
  /** Does a dry run on the API server. `problem`: why it would refuse the run, in one sentence. */
  dryRun: (run: DebugRun) => Promise<DryRunResult>
  /** Starts the tool. `ended` of the process reports every failure. */
  launch: (run: DebugRun, signal: AbortSignal) => DebugProcess
  /** Takes over a run that another worker started: follows its pod if there is one, else ends as `lost`. */
  adopt: (run: DebugRun, signal: AbortSignal) => DebugProcess
  /** Removes debug pods for whose run `alive` resolves with false; resolves with the ids of those runs. */
  reap: (alive: (runId: string) => Promise<boolean>) => Promise<readonly string[]>
  /** Reads what tells whether the cluster forbids something: see `findRestrictions`. */
  facts: () => Promise<ClusterFacts>
  /**
   * Reads objects for checks of triage: as the person `by`, where the cluster lets the bot act for people; without one, as
   * the bot itself. Rejects with the reason in words.
   */
  objects: (query: ObjectQuery, by?: Pick<Principal, 'id' | 'groups'> & { run: string }) => Promise<readonly object[]>
  /** Resolves with the number of debug pods that exist although their deadline has passed. */
  overduePods: () => Promise<number>
  /** Rejects with the reason when the cluster can't be used; resolves with a warning, if there is one. */
  check: () => Promise<string | undefined>
}

/** Objects of one kind: `endpoints` are a Service and its EndpointSlices, `leases` those of nodes, `dns-config` the ConfigMap of CoreDNS. */
export type ObjectQuery =
  | { kind: 'nodes' | 'leases' | 'dns-config' }
  | { kind: 'pods' | 'events' | 'policies'; namespace: string }
  | { kind: 'endpoints'; namespace: string; service: string }

/** Resolver of image names to digests. */
export type Images = {
  /**
   * Returns the image with its digest (`repo:v1@sha256:…`), which was looked up at most `maxAge` seconds ago; unchanged
   * where it already has a digest, or where the owner disabled pinning. Else returns why the digest is unknown: one
   * sentence without its full stop, which may be a minute old unless `maxAge` is 0.
   */
  pin: (image: string, maxAge: number) => Promise<{ image: string } | { problem: string }>
}

import { type FanOut, type Outcome, outcomeOf } from '#core/fan-out/fan-out'
import type { SummaryMessage } from '#core/messages/message'
import { interpretOutput } from '#core/output/interpret'
import { type Store, verified } from '#core/ports/store'
import type { Catalogue } from '#core/request/tool'
import { type End, type Run, runRetentionSeconds } from '#core/runs/run'
import { maxBatchBytes } from '#core/triage/batch-output'
import { isIll, type TargetResults } from '#core/triage/check-result'
import type { CodeReaders } from '#core/triage/evaluate'
import { evaluateBatch } from '#core/triage/evaluate-batch-output'
import type { Playbooks } from '#core/triage/playbook'
import { resultsOf, summaryOf } from '#core/triage/triage-message'
import { resolvedAfter } from './how-long-alert-fired.ts'
import { loadVerifiedOutput } from './verify-output.ts'

type OutcomeContext = {
  store: Store
  hash: (value: unknown) => string
  catalogue: Catalogue
  playbooks: () => Playbooks
  checkReaders: CodeReaders
}

/** Lets workers update a fan-out's message from now on: until all of its runs have ended, or once more after that. */
export function keepUpdated(store: Pick<Store, 'setField'>, fanOut: FanOut): Promise<void> {
  return store.setField('open-fan-outs', 'all', fanOut.id, fanOut, runRetentionSeconds)
}

/** Saves the progress of a run for its fan-out, if it belongs to one. `end`: absent while the run has not ended. */
export async function saveOutcome(context: OutcomeContext, run: Run, end?: End): Promise<void> {
  if (run.fanOut === undefined) return
  const outcome: Outcome = end === undefined ? {} : await summarizeEnd(context, run, end)
  await context.store.setField('outcomes', run.fanOut, run.id, outcome, runRetentionSeconds)
}

/**
 * Saves the results of the checks of a run that have ended so far, where more than `known` of them failed or warned. Resolves with the number
 * of those that did.
 */
export async function saveInterimResults(
  { store, now, playbooks, checkReaders }: OutcomeContext & { now: () => Date },
  run: Run,
  known: number,
): Promise<number> {
  if (run.fanOut === undefined) return known
  const text = await store.transcript(run.id, maxBatchBytes)
  if (text === undefined) return known
  const by = { playbooks: playbooks(), readers: checkReaders, endedOnly: true }
  const results = evaluateBatch(run.request, text, now().toISOString(), by)
  const found = results.filter(isIll).length
  if (found > known) await store.setField('outcomes', run.fanOut, run.id, { results }, runRetentionSeconds)
  return Math.max(found, known)
}

async function summarizeEnd(context: OutcomeContext, run: Run, end: End): Promise<Outcome> {
  const stored = await loadVerifiedOutput(context.store, run)
  if (stored.changed) return { ...outcomeOf(end, '', context.hash(stored.tail), changedOutput) }
  if (run.request.batch !== undefined) return summarizeChecks(context, run, end, stored)
  const headline = interpretOutput(run, end, stored, context.catalogue)?.headline
  return outcomeOf(end, stored.tail, stored.sha256 ?? context.hash(stored.tail), headline)
}

/** Returns what the checks of a run found; nothing where its output isn't all there. */
async function summarizeChecks(
  { store, hash, playbooks, checkReaders }: OutcomeContext,
  run: Run,
  end: End,
  { tail, sha256 = hash(tail) }: { tail: string; sha256?: string },
): Promise<Outcome> {
  const outcome = outcomeOf(end, '', sha256, undefined)
  const text = await store.transcript(run.id, maxBatchBytes)
  if (run.startedAt === undefined || text === undefined || !endedByItself.has(end.reason)) return outcome
  const by = { playbooks: playbooks(), readers: checkReaders }
  return { ...outcome, results: evaluateBatch(run.request, text, end.at, by) }
}

/** Endings after which the output says what each command did. */
const endedByItself: ReadonlySet<End['reason']> = new Set(['completed', 'failed', 'deadline', 'output-limit'])

const changedOutput = 'the stored output was changed'

/** Returns what the triage before found; undefined where this one repeats none. */
async function resultsBefore(
  store: Pick<Store, 'fields' | 'getValue'>,
  { triage }: Pick<FanOut, 'triage'>,
): Promise<readonly TargetResults[] | undefined> {
  if (triage?.before === undefined) return undefined
  const before = verified(await store.getValue('fan-out', triage.before))
  return before === undefined ? undefined : resultsOf(before, await readOutcomes(store, before.id))
}

/**
 * Returns the message of a fan-out or triage as it is now, with what the triage before found, and how long its alert fired
 * (`resolvedAfter`) where that is resolved.
 */
export async function loadSummary(
  { store, playbooks }: { store: Pick<Store, 'fields' | 'getValue'>; playbooks: () => Playbooks },
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<{ summary: SummaryMessage; resolvedAfter: string | undefined }> {
  const before = await resultsBefore(store, fanOut)
  const ended = await resolvedAfter(store, fanOut)
  return { summary: summaryOf(fanOut, outcomes, playbooks(), before, ended), resolvedAfter: ended }
}

/** Returns the progress of all runs of a fan-out, by run id. */
export async function readOutcomes(
  store: Pick<Store, 'fields'>,
  fanOut: string,
): Promise<ReadonlyMap<string, Outcome>> {
  const fields = await store.fields('outcomes', fanOut)
  return new Map(
    [...fields].flatMap(([run, stored]) => {
      const outcome = verified(stored)
      return outcome === undefined ? [] : [[run, outcome] as const]
    }),
  )
}

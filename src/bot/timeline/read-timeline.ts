import { type FanOut, isComplete } from '#core/fan-out/fan-out'
import { endText } from '#core/messages/end-text'
import { channelText, isSameChannel, type MessageRef, type ThreadRef } from '#core/messages/thread-ref'
import { interpretOutput } from '#core/output/interpret'
import { verified } from '#core/ports/store'
import { targetText } from '#core/request/target'
import type { AuditRecord } from '#core/runs/audit-record'
import type { Run } from '#core/runs/run'
import type { Timeline, TimelineEntry } from '#core/timeline/format-timeline'
import { leadingFinding } from '#core/triage/triage-message'
import { defined } from '#core/util/defined'
import { oneLine } from '#core/util/one-line'
import { count } from '#core/util/units'
import type { BotContext } from '#src/bot/context'
import { readOutcomes } from '#src/lifecycle/fan-out-outcomes'
import { loadVerifiedOutput } from '#src/lifecycle/verify-output'

/** Largest number of audit records that are read, of runs and fan-outs that are shown, and of outputs that are interpreted. */
const maxRecords = 20_000
const maxShown = 300
const maxInterpreted = 100
/** Largest number of characters of a command. */
const maxCommandChars = 300

export type TimelineContext = Pick<BotContext, 'store' | 'readAuditBack' | 'now' | 'catalogue' | 'playbooks'>

/** Reads what happened in a channel, or in one of its threads, from the audit log and from stored runs. */
export async function readTimeline(context: TimelineContext, place: ThreadRef, since: Date): Promise<Timeline> {
  const { records, cut } = await readRecords(context, since)
  const channel = channelText(place)
  const idsOf = (wanted: (record: AuditRecord) => boolean) => [...new Set(records.filter(wanted).map(({ run }) => run))]
  const isHere = ({ details }: AuditRecord) => details['channel'] === channel
  const runIds = idsOf((record) => record.what === 'decided' && isHere(record) && record.details['decision'] !== 'deny')
  const fanOutIds = idsOf(({ what }) => what === 'fan-out')
  const fanOuts = await loadFanOuts(context, fanOutIds.slice(0, maxShown), place)
  const members = new Set(fanOuts.flatMap((fanOut) => fanOut.members.map(({ run }) => run)))
  const runs = await loadRuns(context, runIds.filter((id) => !members.has(id)).slice(0, maxShown), place)
  const shownIds = new Set(runs.map(({ id }) => id))
  const newest = new Set(runs.slice(0, maxInterpreted).map(({ id }) => id))
  const entries = [
    ...(await Promise.all(fanOuts.map((fanOut) => fanOutEntry(context, fanOut)))),
    ...(await Promise.all(runs.map((run) => runEntry(context, run, newest.has(run.id))))),
    ...records.flatMap((record) => (shownIds.has(record.run) ? (eventEntry(record) ?? []) : [])),
    ...records
      .filter((record) => record.what === 'alert' && isHere(record) && isInPlace(record, place))
      .map(alertEntry),
  ]
  return {
    channel,
    ...defined({ thread: place.thread }),
    since: since.toISOString(),
    until: context.now().toISOString(),
    entries: entries.toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)),
    cut: cut || runIds.length > maxShown || fanOutIds.length > maxShown,
  }
}

/** Returns the audit records since a time, the newest first. */
async function readRecords({ readAuditBack }: TimelineContext, since: Date) {
  const records: AuditRecord[] = []
  for await (const { record } of readAuditBack()) {
    if (Date.parse(record.at) < since.getTime()) return { records, cut: false }
    records.push(record)
    if (records.length >= maxRecords) return { records, cut: true }
  }
  return { records, cut: false }
}

/** Returns true for a message in this channel, and in this thread where the place is one. */
function isMessageIn(ref: MessageRef, place: ThreadRef): boolean {
  return isSameChannel(ref, place) && (place.thread === undefined || place.thread === (ref.thread ?? ref.message))
}

function isInPlace({ details }: AuditRecord, { thread }: ThreadRef): boolean {
  return thread === undefined || details['message'] === thread
}

async function loadRuns({ store }: TimelineContext, ids: readonly string[], place: ThreadRef): Promise<Run[]> {
  const runs = await Promise.all(ids.map(async (id) => verified(await store.run(id))))
  // Of another person's run only what its message shows in this channel.
  const isShown = (run: Run) => run.fanOut === undefined && isMessageIn(run.message, place)
  return runs.flatMap((run) => (run !== undefined && isShown(run) ? [run] : []))
}

async function loadFanOuts({ store }: TimelineContext, ids: readonly string[], place: ThreadRef): Promise<FanOut[]> {
  const fanOuts = await Promise.all(ids.map(async (id) => verified(await store.getValue('fan-out', id))))
  return fanOuts.flatMap((fanOut) => (fanOut !== undefined && isMessageIn(fanOut.message, place) ? [fanOut] : []))
}

async function runEntry(context: TimelineContext, run: Run, isInterpreted: boolean): Promise<TimelineEntry> {
  const { id, request, end, terminal, queuedAt, state } = run
  const command = request.pipeline.map(({ argv }) => argv.join(' ')).join(' | ')
  const what = `${terminal === undefined ? command : 'shell'} on ${targetText(request.target)}`
  const outcome = end === undefined ? openText(state) : endText(end).replace(/,$/, '')
  const stored = end === undefined || !isInterpreted ? undefined : await loadVerifiedOutput(context.store, run)
  const insight =
    end === undefined || stored === undefined ? undefined : interpretOutput(run, end, stored, context.catalogue)
  const finding = stored?.changed === true ? 'its stored output was changed' : insight?.headline
  return {
    at: queuedAt,
    kind: terminal === undefined ? 'run' : 'session',
    who: request.by.name,
    what: oneLine(what, maxCommandChars),
    outcome,
    ...defined({ finding }),
    id,
  }
}

function openText(state: Run['state']): string {
  return state === 'asking' ? 'Awaiting approval' : 'Not ended yet'
}

async function fanOutEntry(context: TimelineContext, fanOut: FanOut): Promise<TimelineEntry> {
  const { id, by, where, command, members, triage, at } = fanOut
  const outcomes = await readOutcomes(context.store, id)
  const base = {
    at: new Date(at).toISOString(),
    who: by.name,
    what: oneLine(`${command} on ${where}`, maxCommandChars),
    id,
  }
  const outcome = isComplete(fanOut, outcomes) ? 'Done' : 'Not ended yet'
  if (triage === undefined) {
    const done = [...outcomes.values()].filter(({ reason }) => reason === 'completed').length
    return {
      ...base,
      kind: 'fan-out',
      outcome,
      finding: `${done} of ${count(members.length, 'target')} without a failure`,
    }
  }
  const { first, more, good } = leadingFinding(fanOut, outcomes, context.playbooks())
  const others = more === 0 ? '' : ` (and ${count(more, 'more finding')})`
  const finding = first === undefined ? `nothing found by ${count(good, 'check')}` : `${first}${others}`
  return { ...base, kind: 'triage', outcome, finding }
}

/** Returns the entry of what happened to a run besides its start and end. */
function eventEntry({ at, what, run: id, person: who, details }: AuditRecord): TimelineEntry | undefined {
  const reason = details['reason'] ?? details['why']
  const event = (kind: TimelineEntry['kind'], text: string): TimelineEntry => ({
    ...{ at, kind, who, what: `${text} ${id}`, id },
    ...(reason === undefined ? {} : { outcome: oneLine(reason, maxCommandChars) }),
  })
  switch (what) {
    case 'asked':
      return event('approval', 'asked for approval of')
    case 'reviewed':
      return event('approval', details['verdict'] === 'approve' ? 'approved' : 'denied')
    case 'glass-broken':
      return event('approval', 'ran without approval (break glass)')
    case 'standing-approval-used':
      return event('approval', 'used a standing approval for')
    case 'canceled':
      return event('run', 'canceled')
    case 'session-connected':
      return event('session', 'connected to the shell of')
    case 'session-ended':
      return event('session', 'ended the session of')
    default:
      return undefined
  }
}

function alertEntry({ at, run: id, person: who, details }: AuditRecord): TimelineEntry {
  const what = oneLine(`alert ${details['name'] ?? ''}`, maxCommandChars)
  return { at, kind: 'alert', who, what, outcome: details['status'] === 'resolved' ? 'Resolved' : 'Firing', id }
}

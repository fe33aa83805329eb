import { randomBytes } from 'node:crypto'
import type { TerminalSize } from '#core/ports/terminal'
import type { RecordedEvent } from '#core/recording/recorded-event'
import { segmentBytes } from '#core/recording/segment-format'
import type { RecordingCheckpoint } from '#core/recording/session-recording'
import { chainStart } from '#core/runs/audit-record'
import type { Run } from '#core/runs/run'
import type { TerminalRule } from '#core/terminal/terminal-limits'
import { errorMessage } from '#core/util/error-message'
import type { TerminalContext } from './context.ts'
import {
  type Begun,
  createWriter,
  RecordingError,
  type RecordingWriter,
  type WriterContext,
} from './recording-writer.ts'

/** Shows output; `from`: number of its first byte. */
export type Show = (from: number, bytes: Uint8Array) => void

/** Records a session. Everything happens in order; what is shown is shown once it is recorded. */
export type Recorder = {
  /** Number of the next output byte to record. */
  upTo: () => number
  /** Records output, where it isn't recorded yet, then calls `show` with it, or with it and what directly follows it. */
  output: (from: number, bytes: Uint8Array, show: Show) => void
  size: (size: TerminalSize) => void
  input: (text: string) => void
  /** Resolves once all before it is recorded; rejects with a `RecordingError`. */
  flushed: () => Promise<void>
  /** Aborts when nothing more can be recorded, with a `RecordingError` as the reason. */
  failed: AbortSignal
  /** Stops the timer; what waits is still recorded. */
  close: () => void
}

type RecorderContext = WriterContext & Pick<TerminalContext, 'cipher' | 'rules'>

/** Maximum bytes of events that are stored in one step. */
const stepBytes = 32 * 1_024
/** Maximum milliseconds between the beginning and the end of output that becomes one event: less than a replay could show. */
const joinMs = 20

/**
 * Takes a session's recording over, or begins it. `from`: number of the first output byte that its shell still holds. Rejects with a
 * `RecordingError`.
 */
export async function openRecorder(context: RecorderContext, run: Run, from: number): Promise<Recorder> {
  const { id } = run
  const { maxRecording: maxBytes, retention } = ruleOf(context.rules, run)
  const writer = randomBytes(9).toString('base64url')
  const taken = await context.recordings.takeRecording(id, writer)
  if (taken === 'broken') throw new RecordingError('changed')
  const begun = taken === undefined ? begin(context, run, { from, retention }) : await resume(context, id, taken)
  return createRecorder(context, id, begun.checkpoint, createWriter(context, { id, writer, maxBytes, ...begun }))
}

type Opened = Pick<Begun, 'key' | 'checkpoint' | 'pending'>

function begin(
  { cipher, now }: RecorderContext,
  { id, terminal }: Run,
  { from, retention }: { from: number; retention: number },
): Opened {
  const { key, wrapped } = cipher.newKey(id)
  const expiresAt = new Date(Date.parse(terminal?.until ?? '') + retention * 1_000).toISOString()
  const checkpoint: RecordingCheckpoint = {
    ...{ key: wrapped, startedAt: now().toISOString(), expiresAt },
    ...{ events: 0, from, upTo: from, size: 0, hash: chainStart, sealed: 0, segments: 0 },
  }
  return { key, checkpoint, pending: [] }
}

async function resume(
  { cipher, recordings }: RecorderContext,
  id: string,
  checkpoint: RecordingCheckpoint,
): Promise<Opened> {
  const key = cipher.openKey(id, checkpoint.key)
  const pending = [...(await recordings.pendingEvents(id))]
  if (key === undefined || pending.length !== checkpoint.events - checkpoint.sealed) throw new RecordingError('changed')
  return { key, checkpoint, pending }
}

/** Returns what the set of a session says of its recording now; the strictest where the set gives no shells any more. */
function ruleOf(rules: RecorderContext['rules'], run: Run): Pick<TerminalRule, 'maxRecording' | 'retention'> {
  const found = rules().policy.sets.find(({ name }) => name === run.set)?.terminal
  return found ?? { maxRecording: 0, retention: 30 * 24 * 3_600 }
}

/** What waits to be recorded, and then to be shown or done. */
type Item = { event?: RecordedEvent } & (
  | { done: () => void }
  | { shown: { from: number; bytes: Uint8Array }; show: Show }
)

function createRecorder(
  { now, timing, log }: RecorderContext,
  id: string,
  begun: RecordingCheckpoint,
  writer: RecordingWriter,
): Recorder {
  const failing = new AbortController()
  /** Number of the next output byte, with what waits to be recorded. */
  let upTo = begun.upTo
  const queue = createQueue(writer, timing.recordingSegmentMs, (error) => {
    const fault = error instanceof RecordingError ? error : new RecordingError('away')
    log.warn({ run: id, fault: fault.kind, error: errorMessage(error) }, 'a session is recorded no more')
    failing.abort(fault)
  })
  const eventOf = (code: RecordedEvent['code'], data: Uint8Array, from = 0): RecordedEvent => ({
    ...{ at: now().getTime() - Date.parse(begun.startedAt), code, from, data },
  })
  const record = (code: RecordedEvent['code'], data: Uint8Array) =>
    queue.add({ event: eventOf(code, data), done: () => undefined })
  return {
    upTo: () => upTo,
    output(from, bytes, show) {
      if (from > upTo) return failing.abort(new RecordingError('changed'))
      // After a cut the shell sends again what the browser didn't get: that is recorded already.
      const fresh = bytes.subarray(upTo - from)
      const shown = { from, bytes }
      if (fresh.length === 0) return queue.add({ shown, show })
      queue.add({ event: eventOf('o', fresh, upTo), shown, show })
      upTo += fresh.length
    },
    size: ({ cols, rows }) => record('r', Buffer.from(`${cols}x${rows}`)),
    input: (text) => record('i', Buffer.from(text)),
    flushed: () =>
      new Promise((resolve, reject) => {
        const fail = () => reject(failing.signal.reason)
        if (failing.signal.aborted) return fail()
        failing.signal.addEventListener('abort', fail)
        queue.add({ done: resolve })
      }),
    failed: failing.signal,
    close: queue.close,
  }
}

/** Creates the queue of what is to be recorded: one step after the other, each with all that waits. After an error nothing more is done. */
function createQueue(writer: RecordingWriter, segmentMs: number, onError: (error: unknown) => void) {
  const items: Item[] = []
  let [isBusy, isClosed, hasFailed] = [false, false, false]
  let timer: NodeJS.Timeout | undefined
  const storeAll = async () => {
    while (items.length > 0) {
      const step = joinOutput(takeStep(items))
      const events = step.flatMap(({ event }) => event ?? [])
      if (events.length > 0) await writer.append(events)
      for (const item of step) {
        if ('done' in item) item.done()
        else item.show(item.shown.from, item.shown.bytes)
      }
      if (writer.pendingBytes() >= segmentBytes) await writer.moveToSegment()
    }
  }
  const work = async (isDue: boolean) => {
    if (isBusy || hasFailed) return
    isBusy = true
    try {
      if (isDue && writer.pendingBytes() > 0) await writer.moveToSegment()
      await storeAll()
    } catch (error) {
      hasFailed = true
      onError(error)
    } finally {
      isBusy = false
    }
    if (writer.pendingBytes() > 0 && !isClosed && !hasFailed) timer ??= setTimeout(onTimer, segmentMs)
  }
  const onTimer = () => {
    timer = undefined
    void work(true)
  }
  return {
    add(item: Item) {
      items.push(item)
      void work(false)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** Takes what is stored in one step from the beginning of the list. */
function takeStep(items: Item[]): Item[] {
  let bytes = 0
  let count = 0
  for (const { event } of items) {
    if (count > 0 && bytes + (event?.data.length ?? 0) > stepBytes) break
    bytes += event?.data.length ?? 0
    count += 1
  }
  return items.splice(0, count)
}

/**
 * Joins output that directly follows other output, as it waits in hundreds of pieces of a few bytes where a shell prints fast: encrypting, storing
 * and sending cost as much for a piece of ten bytes as for one of a thousand.
 */
function joinOutput(items: readonly Item[]): Item[] {
  const groups: Item[][] = []
  for (const item of items) {
    const group = groups.at(-1)
    const [first, last] = [group?.[0], group?.at(-1)]
    if (group !== undefined && first !== undefined && last !== undefined && follows(first, last, item)) group.push(item)
    else groups.push([item])
  }
  return groups.flatMap((group) => (group.length === 1 ? group : joined(group)))
}

/** Returns true for new output that directly follows that of `last`, and comes soon after `first`. */
function follows(first: Item, last: Item, item: Item): boolean {
  if (!('show' in last) || !('show' in item) || last.show !== item.show) return false
  if (first.event === undefined || last.event === undefined || item.event === undefined) return false
  return (
    last.event.from + last.event.data.length === item.event.from &&
    last.shown.from + last.shown.bytes.length === item.shown.from &&
    item.event.at - first.event.at <= joinMs
  )
}

function joined(group: readonly Item[]): Item[] {
  const [first] = group
  if (first?.event === undefined || !('show' in first)) return [...group]
  const data = Buffer.concat(group.flatMap(({ event }) => event?.data ?? []))
  const bytes = Buffer.concat(group.flatMap((item) => ('shown' in item ? item.shown.bytes : [])))
  return [{ event: { ...first.event, data }, shown: { from: first.shown.from, bytes }, show: first.show }]
}

import { randomBytes } from 'node:crypto'
import type { TerminalSize } from '#core/ports/terminal'
import type { RecordedEvent } from '#core/recording/recorded-event'
import { segmentBytes } from '#core/recording/segment-format'
import type { RecordingCheckpoint } from '#core/recording/session-recording'
import { chainStart } from '#core/runs/audit-record'
import type { Run } from '#core/runs/run'
import type { TerminalRule } from '#core/terminal/terminal-limits'
import { errorMessage } from '#core/util/error-message'
import { onAbort } from '#core/util/on-abort'
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

/** Output that waits to be shown. `event`: what of it has to be recorded before. */
type Output = { event: RecordedEvent; from: number; bytes: Uint8Array; show: Show }
/** What waits, in order. */
type Item = Output | { event?: RecordedEvent; done: () => void }

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
    at: now().getTime() - Date.parse(begun.startedAt),
    code,
    from,
    data,
  })
  const record = (code: RecordedEvent['code'], data: Uint8Array) =>
    queue.add({ event: eventOf(code, data), done: () => undefined })
  return {
    upTo: () => upTo,
    output(from, bytes, show) {
      if (from > upTo) return failing.abort(new RecordingError('changed'))
      // After a cut the shell sends again what the browser didn't get: that is recorded already.
      const fresh = bytes.subarray(upTo - from)
      if (fresh.length === 0) return queue.add({ done: () => show(from, bytes) })
      queue.add({ event: eventOf('o', fresh, upTo), from, bytes, show })
      upTo += fresh.length
    },
    size: ({ cols, rows }) => record('r', Buffer.from(`${cols}x${rows}`)),
    input: (text) => record('i', Buffer.from(text)),
    flushed: () =>
      new Promise((resolve, reject) => {
        onAbort(failing.signal, () => reject(failing.signal.reason))
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
        else item.show(item.from, item.bytes)
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
  const groups: (Item | [Output, ...Output[]])[] = []
  for (const item of items) {
    const group = groups.at(-1)
    if ('done' in item) groups.push(item)
    else if (Array.isArray(group) && follows(group, item)) group.push(item)
    else groups.push([item])
  }
  return groups.map((group) => (Array.isArray(group) ? joined(group) : group))
}

/** Returns true for output that directly follows the last of a group, and comes soon after the first. */
function follows(group: readonly [Output, ...Output[]], { event, from, show }: Output): boolean {
  const [first] = group
  const last = group.at(-1) ?? first
  return last.show === show && last.from + last.bytes.length === from && event.at - first.event.at <= joinMs
}

function joined(group: readonly [Output, ...Output[]]): Output {
  const [first] = group
  if (group.length === 1) return first
  const data = Buffer.concat(group.map(({ event }) => event.data))
  return { ...first, event: { ...first.event, data }, bytes: Buffer.concat(group.map(({ bytes }) => bytes)) }
}

import { createHash, type Hash, randomUUID } from 'node:crypto'
import type { OutputView } from '#core/output/output-view'
import { createRedactor } from '#core/output/redact'
import { createTranscript, emptyTranscript } from '#core/output/transcript-builder'
import type { AppendAnswer, Checkpoint, OutputChunk, OutputPoint, TakenOutput } from '#core/output/transcript-state'
import type { Run } from '#core/runs/run'
import { defined } from '#core/util/defined'
import type { WorkerContext } from '#src/worker/context'
import { retrySave } from './retry-save.ts'

/** Reason why this worker may not write a run's output any more. */
export type AppendRefusal = Exclude<AppendAnswer, 'kept'>

/**
 * Writer of a run's output, which is stored as it arrives: a worker that dies loses at most the last quarter of a
 * second.
 */
export type TranscriptWriter = {
  /** Resolves when more may be added. Only a limited amount waits to be stored: a slow store slows the tool down. */
  add: (chunk: OutputChunk) => Promise<void>
  /**
   * Sets the callback for each time that more is stored, in place of the one before. Output that couldn't be stored
   * isn't shown: another worker may show the run by then. `isFirst`: nothing was stored by this writer before.
   */
  onKept: (callback: (isFirst: boolean) => void) => void
  view: (chars: number) => OutputView
  /** How far the worker before has read it. */
  from: OutputPoint | undefined
  /**
   * Resolves when the store refuses this writer, for example because another worker writes the output; never otherwise.
   */
  refused: Promise<AppendRefusal>
  /** Stores what is left; nothing may be added after it. Only a caller that gets `kept` may save the ending. */
  finish: () => Promise<AppendAnswer>
  /** Returns true where more output arrived than is stored. */
  isFull: () => boolean
  /** Returns the SHA-256 (hex) of all that is stored. */
  sha256: () => string
}

/** Milliseconds between two writes to the store, and characters that may wait for one. */
const storeIntervalMs = 250
const mostWaiting = 256 * 1_024

/**
 * Bytes beyond what the tool may write, for marks and line ends that this program adds. A binary output made visible is
 * several times as long.
 */
const spare = 64 * 1_024

const fullText = '… (the rest is not stored: with control characters made visible, the output exceeds its limit)\n'

/**
 * Begins to store a run's output, or continues where another worker was interrupted; `broken` where what that worker
 * stored was changed since.
 */
export async function openTranscriptWriter(
  context: Pick<WorkerContext, 'rules' | 'log' | 'timing' | 'store'>,
  run: Run,
): Promise<TranscriptWriter | 'broken'> {
  const writer = randomUUID()
  if (run.state === 'queued') return createWriter(context, run, writer, { size: 0, tail: '' }, createHash('sha256'))
  const taken = await context.store.takeTranscript(run.id, writer)
  if (taken === 'broken') return 'broken'
  const hash = await transcriptDigest(context, run.id)
  const isChanged = taken.checkpoint !== undefined && taken.checkpoint.stored !== hash.copy().digest('hex')
  return isChanged ? 'broken' : createWriter(context, run, writer, taken, hash)
}

function createWriter(
  context: Pick<WorkerContext, 'rules' | 'log' | 'timing' | 'store'>,
  run: Run,
  writer: string,
  initial: TakenOutput,
  hash: Hash,
): TranscriptWriter {
  const patterns = context.rules().redact
  const { checkpoint = { transcript: emptyTranscript }, tail } = initial
  const transcript = createTranscript((open) => createRedactor(patterns, open), checkpoint.transcript, tail)
  const { promise: refused, resolve: refuse } = Promise.withResolvers<AppendRefusal>()
  const stored = openStoredText(context, run, writer, initial, hash)
  let { point } = checkpoint
  let answer: AppendAnswer = 'kept'
  let finished = false
  let timer: NodeJS.Timeout | undefined
  let nextStoreAt = 0
  let onStored: (isFirst: boolean) => void = () => undefined
  let storing = Promise.resolve()

  const store = async (finish: boolean) => {
    clearTimeout(timer)
    timer = undefined
    if (answer !== 'kept' || finished) return
    finished = finish
    const state = { transcript: transcript.state(), ...defined({ point }) }
    answer = await stored.append(transcript.take(), state, finish)
    const isFirst = nextStoreAt === 0
    nextStoreAt = performance.now() + storeIntervalMs
    if (answer === 'kept') return onStored(isFirst)
    context.log.warn({ run: run.id, answer }, 'another worker stores the output of this run now')
    refuse(answer)
  }
  const enqueueStore = (finish = false) => {
    storing = storing.then(() => store(finish))
    return storing
  }

  return {
    async add(chunk) {
      transcript.add(chunk)
      point = chunk.upTo
      // Output that arrives after a pause is stored at once, because the person waits for it.
      timer ??= setTimeout(enqueueStore, Math.max(0, nextStoreAt - performance.now()))
      if (transcript.waiting() < mostWaiting) return
      // One write may be in progress while the next one fills up.
      await storing
      void enqueueStore()
    },
    onKept(callback) {
      onStored = callback
    },
    view: transcript.view,
    from: point,
    refused,
    async finish() {
      transcript.finish()
      await enqueueStore(true)
      return answer
    },
    isFull: stored.isFull,
    sha256: stored.sha256,
  }
}

/** Appends to the stored text, and tracks its size, its hash and whether it is full. */
function openStoredText(
  context: Pick<WorkerContext, 'log' | 'timing' | 'store'>,
  run: Run,
  writer: string,
  initial: TakenOutput,
  hash: Hash,
) {
  let { size } = initial
  let full = initial.checkpoint?.full ?? false
  let stored = hash.copy().digest('hex')
  return {
    async append(output: string, state: Checkpoint, finish: boolean): Promise<AppendAnswer> {
      const { text, cut } = fitToBytes(output, full ? 0 : run.spec.maxOutputBytes + spare - size)
      full ||= cut
      hash.update(text)
      stored = hash.copy().digest('hex')
      const checkpoint = { ...state, stored, ...(full ? { full } : {}), ...(finish ? { sha256: stored } : {}) }
      const step = { writer, size, text, checkpoint }
      // A store that accepts nothing for a while (it is full, for example) loses nothing: meanwhile the tool is slowed
      // down.
      const answer = await retrySave(context, run, () => context.store.appendTranscript(run.id, step))
      size += Buffer.byteLength(text)
      return answer
    },
    isFull: () => full,
    sha256: () => stored,
  }
}

/** Returns as much of a text as fits into `maxBytes`, in whole lines. */
function fitToBytes(text: string, maxBytes: number): { text: string; cut: boolean } {
  if (text === '' || maxBytes <= 0) return { text: '', cut: false }
  // UTF-8 has at most three bytes for each UTF-16 unit.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return { text, cut: false }
  const beginning = Buffer.from(text).subarray(0, Math.max(0, maxBytes - Buffer.byteLength(fullText)))
  return { text: `${beginning.subarray(0, beginning.lastIndexOf(0x0a) + 1)}${fullText}`, cut: true }
}

/**
 * Returns the SHA-256 hash object of all that is stored, read from the store: of output that another worker wrote, only
 * the text exists.
 */
export async function transcriptDigest(context: Pick<WorkerContext, 'store'>, id: string) {
  const hash = createHash('sha256')
  for await (const piece of context.store.transcriptPieces(id)) hash.update(piece)
  return hash
}

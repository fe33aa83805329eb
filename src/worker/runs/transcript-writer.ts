import { createHash, randomUUID } from 'node:crypto'
import type { OutputView } from '#core/output/output-view'
import { openRedactor } from '#core/output/redact'
import type { AppendAnswer, Checkpoint, OutputChunk, OutputPoint, TakenOutput } from '#core/output/stored-output'
import { emptyTranscript, openTranscript } from '#core/output/transcript'
import type { Run } from '#core/runs/run'
import type { WorkerContext } from '#src/worker/context'
import { retrySave } from './retry-save.ts'

/** Why this worker has nothing more to say about a run. */
export type AppendRefusal = Exclude<AppendAnswer, 'kept'>

/** What a run writes, kept as it comes: a worker that dies takes nothing of it along but the last quarter of a second. */
export type TranscriptWriter = {
  /** Resolves when more may come. Only so much waits to be stored: a slow store holds the tool back. */
  add: (chunk: OutputChunk) => Promise<void>
  /** Calls back whenever something more is stored: what another worker tells by now must not be told by this one. */
  onKept: (callback: () => void) => void
  view: (chars: number) => OutputView
  /** How far the worker before has read it. */
  from: OutputPoint | undefined
  /** Resolves when somebody else has it; never otherwise. */
  refused: Promise<AppendRefusal>
  /** Nothing more comes: stores what is left. Saving an ending is for those who are answered `kept`. */
  finish: () => Promise<AppendAnswer>
  /** True where more came than is kept. */
  isFull: () => boolean
  /** SHA-256 (hex) of all that is stored, once it has finished. */
  sha256: () => string
}

/** Milliseconds between two steps, and characters that wait, until they are stored. */
const storeIntervalMs = 250
const mostWaiting = 256 * 1_024

/** Bytes beyond what the tool may write: marks and line ends of our own. Made visible, a binary output is several times as long. */
const spare = 64 * 1_024

const fullText = '… (what follows is not kept: made visible, the output is longer than its limit)\n'

/** Begins to record a run, or goes on where another worker was cut off. */
export async function openTranscriptWriter(context: WorkerContext, run: Run): Promise<TranscriptWriter> {
  const writer = randomUUID()
  const isNew = run.state === 'queued'
  return createWriter(
    context,
    run,
    writer,
    isNew ? { size: 0, tail: '' } : await context.store.takeTranscript(run.id, writer),
  )
}

function createWriter(context: WorkerContext, run: Run, writer: string, initial: TakenOutput): TranscriptWriter {
  const patterns = context.redact()
  const { checkpoint = { transcript: emptyTranscript }, tail } = initial
  const transcript = openTranscript((inKey) => openRedactor(patterns, inKey), checkpoint.transcript, tail)
  const { promise: refused, resolve: refuse } = Promise.withResolvers<AppendRefusal>()
  const stored = openStoredText(context, run, writer, initial)
  let { point } = checkpoint
  let answer: AppendAnswer = 'kept'
  let finished = false
  let timer: NodeJS.Timeout | undefined
  let nextStoreAt = 0
  let onStored: () => void = () => undefined
  let storing = Promise.resolve()

  const store = async (finish: boolean) => {
    clearTimeout(timer)
    timer = undefined
    if (answer !== 'kept' || finished) return
    finished = finish
    const state = { transcript: transcript.state(), ...(point === undefined ? {} : { point }) }
    answer = await stored.append(transcript.take(), state, finish)
    nextStoreAt = Date.now() + storeIntervalMs
    if (answer === 'kept') return onStored()
    context.log.warn({ run: run.id, answer }, 'the output of this run is not ours to keep any more')
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
      // What comes after a while is stored at once, as somebody waits for it.
      timer ??= setTimeout(enqueueStore, Math.max(0, nextStoreAt - Date.now()))
      if (transcript.waiting() < mostWaiting) return
      // One step may be on its way while the next one fills up.
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

/** The text that is stored, as its writer knows it. */
function openStoredText(context: WorkerContext, run: Run, writer: string, initial: TakenOutput) {
  let { size } = initial
  let full = initial.checkpoint?.full ?? false
  let hash = size === 0 ? createHash('sha256') : undefined
  let sha256 = createHash('sha256').digest('hex')
  return {
    async append(output: string, state: Checkpoint, finish: boolean): Promise<AppendAnswer> {
      const { text, cut } = fitToBytes(output, full ? 0 : run.spec.maxOutputBytes + spare - size)
      full ||= cut
      if (finish) hash ??= await transcriptDigest(context, run.id)
      hash?.update(text)
      if (finish) sha256 = hash?.digest('hex') ?? ''
      const checkpoint = { ...state, ...(full ? { full } : {}), ...(finish ? { sha256 } : {}) }
      const step = { writer, size, text, checkpoint }
      // A store that takes nothing for a while (it is full, say) loses nothing: meanwhile the tool is held back.
      const answer = await retrySave(context, run, () => context.store.appendTranscript(run.id, step))
      size += Buffer.byteLength(text)
      return answer
    },
    isFull: () => full,
    sha256: () => sha256,
  }
}

/** As much of a text as there is room for, in whole lines. */
function fitToBytes(text: string, maxBytes: number): { text: string; cut: boolean } {
  if (text === '' || maxBytes <= 0) return { text: '', cut: false }
  // No character is longer than three bytes for each of its UTF-16 units.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return { text, cut: false }
  const beginning = Buffer.from(text).subarray(0, Math.max(0, maxBytes - Buffer.byteLength(fullText)))
  return { text: `${beginning.subarray(0, beginning.lastIndexOf(0x0a) + 1)}${fullText}`, cut: true }
}

/** The hash of all that is stored: of what another worker wrote, nothing but the text is left. */
export async function transcriptDigest(context: Pick<WorkerContext, 'store'>, id: string) {
  const hash = createHash('sha256')
  for await (const piece of context.store.transcriptPieces(id)) hash.update(piece)
  return hash
}

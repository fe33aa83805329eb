import { createHash } from 'node:crypto'
import type { StoredOutput } from '#core/output/transcript-state'
import type { Store } from '#core/ports/store'
import type { Run } from '#core/runs/run'

/** Output that was read, and whether it differs from what was recorded when the run ended. */
export type VerifiedOutput = StoredOutput & { changed: boolean }

/**
 * Reads a run's output and compares it with the hash in the run's signed state. Of runs of earlier versions, which have
 * no such hash, nothing can be said.
 */
export async function loadVerifiedOutput(store: Pick<Store, 'storedOutput'>, run: Run): Promise<VerifiedOutput> {
  const stored = await store.storedOutput(run.id)
  const { output } = run
  if (output === undefined) return { ...stored, changed: false }
  const { lines, bytes, redacted, sha256, endsSha256 } = output
  const recorded = stored.whole ? sha256 : endsSha256
  return { ...stored, lines, bytes, redacted, sha256, changed: stored.digest !== recorded }
}

/**
 * Reads a run's whole output, and says whether it differs from what was recorded when the run ended. `text`: undefined
 * where there is none, or more than `maxBytes`.
 */
export async function loadWholeOutput(
  store: Pick<Store, 'transcript'>,
  { id, output }: Pick<Run, 'id' | 'output'>,
  maxBytes: number,
): Promise<{ text: string | undefined; changed: boolean }> {
  const text = await store.transcript(id, maxBytes)
  const isKnown = text !== undefined && output !== undefined
  return { text, changed: isKnown && createHash('sha256').update(text).digest('hex') !== output.sha256 }
}

import { hintFor } from '#core/output/hints'
import { interpretOutput } from '#core/output/interpret'
import { isWhole, type OutputView, viewStored } from '#core/output/output-view'
import type { StoredOutput } from '#core/output/transcript-state'
import type { Catalogue } from '#core/request/tool'
import { duration, type End, type Run } from '#core/runs/run'
import { defined } from '#core/util/defined'
import type { ChatLimits } from './chat-limits.ts'
import type { EndedMessage } from './message.ts'
import { runCard } from './run-card.ts'

/**
 * Returns the name of the file with the whole output (`size` bytes); none where the message shows all of it or the file
 * is too large for the platform.
 */
export function fileOf(
  run: Pick<Run, 'id'>,
  output: OutputView,
  size: number,
  limits: Pick<ChatLimits, 'fileBytes'>,
): { file?: string } {
  return isWhole(output) || size > limits.fileBytes ? {} : { file: `${run.id}.txt` }
}

/** Returns the message of an ended run: the insight, the hint, and as much output as fits into `outputChars`. */
export function resultMessage(
  run: Run,
  end: End,
  stored: StoredOutput & { changed: boolean },
  outputChars: number,
  catalogue: Catalogue,
): EndedMessage {
  const { changed } = stored
  // Nothing is concluded from a text that the tool may not have written.
  const insight = changed ? undefined : interpretOutput(run, end, stored, catalogue)
  const hint = changed ? undefined : hintFor(run, end, stored.tail, catalogue)
  return {
    kind: 'ended',
    run: runCard(run),
    end,
    duration: duration(run, end),
    output: viewStored(stored, outputChars),
    ...(changed ? { changed } : {}),
    ...defined({ insight, hint }),
  }
}

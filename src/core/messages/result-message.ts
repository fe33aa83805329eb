import { hintFor } from '#core/output/hints'
import { interpretOutput } from '#core/output/interpret'
import { isWhole, type OutputView, viewStored } from '#core/output/output-view'
import type { StoredOutput } from '#core/output/stored-output'
import type { Catalogue } from '#core/request/tool'
import { duration, type End, type Run } from '#core/runs/run'
import type { ChatLimits } from './limits.ts'
import type { Message } from './message.ts'
import { runCard } from './run-card.ts'

/** Name of the file with the whole output (`size` bytes), where the message doesn't hold it and the platform takes it. */
export function fileOf(
  run: Pick<Run, 'id'>,
  output: OutputView,
  size: number,
  limits: Pick<ChatLimits, 'fileBytes'>,
): { file?: string } {
  return isWhole(output) || size > limits.fileBytes ? {} : { file: `${run.id}.txt` }
}

/** What stands in the message of a run that ended: what its output means, and as much of it as fits. */
export function resultMessage(
  run: Run,
  end: End,
  stored: StoredOutput,
  outputChars: number,
  catalogue: Catalogue,
): Extract<Message, { kind: 'ended' }> {
  const insight = interpretOutput(run, end, stored, catalogue)
  const hint = hintFor(run, end, stored.tail, catalogue)
  return {
    kind: 'ended',
    run: runCard(run),
    end,
    duration: duration(run, end),
    output: viewStored(stored, outputChars),
    ...(insight === undefined ? {} : { insight }),
    ...(hint === undefined ? {} : { hint }),
  }
}

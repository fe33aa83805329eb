import { hintFor } from './hints.ts'
import type { Notice, OutputView } from './notice.ts'
import type { ChatLimits } from './ports.ts'
import { readOutput } from './read-output.ts'
import { duration, type End, type Run } from './run.ts'
import { runCard } from './run-card.ts'
import type { Catalogue } from './tool.ts'
import { isWhole, viewText } from './transcript.ts'

/** Name of the file with the whole output, where the message doesn't hold it and the platform takes it. */
export function fileOf(run: Pick<Run, 'id'>, output: OutputView, limits: Pick<ChatLimits, 'fileBytes'>) {
  return isWhole(output) || output.bytes > limits.fileBytes ? {} : { file: `${run.id}.txt` }
}

/** What stands in the message of a run that ended: what its output means, and as much of it as fits. */
export function endedNotice(
  run: Run,
  end: End,
  text: string,
  outputChars: number,
  catalogue: Catalogue,
): Extract<Notice, { kind: 'ended' }> {
  const insight = readOutput(run, end, text, catalogue)
  const hint = hintFor(run, end, text, catalogue)
  return {
    kind: 'ended',
    run: runCard(run),
    end,
    duration: duration(run, end),
    output: viewText(text, outputChars),
    ...(insight === undefined ? {} : { insight }),
    ...(hint === undefined ? {} : { hint }),
  }
}

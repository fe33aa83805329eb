import { hintFor } from './hints.ts'
import type { Notice } from './notice.ts'
import { readOutput } from './read-output.ts'
import { duration, type End, type Run } from './run.ts'
import { runCard } from './run-card.ts'
import type { Catalogue } from './tool.ts'
import { viewText } from './transcript.ts'

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

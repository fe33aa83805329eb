import { lookAlikes, toolLines } from './harmless.ts'
import { changedLines, measureRecall, secretTexts } from './measure.ts'

/** Seed of the texts with secrets. */
export const seed = 1

const share = (part: number, all: number) => `${part} of ${all} (${((100 * part) / all).toFixed(1)} %)`

/** Returns how many secrets are hidden, and how many harmless lines are changed, in one line for the end of `npm test`. */
export function redactionFigures(): string {
  const recall = measureRecall(secretTexts(seed))
  const similar = lookAlikes()
  const tools = toolLines()
  const hidden = `hides ${share(recall.hidden, recall.texts)} texts with secrets, ${share(recall.hiddenKinds, recall.kinds)} kinds`
  const changed = `changes ${share(changedLines(similar).length, similar.length)} lines that resemble secrets, ${share(changedLines(tools).length, tools.length)} lines of tools`
  return `Redaction ${hidden}; ${changed}.`
}

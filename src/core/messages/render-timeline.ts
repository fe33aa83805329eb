import { entryText } from '#core/timeline/format-timeline'
import { count } from '#core/util/units'
import type { TimelineMessage } from './message.ts'
import type { MessageView } from './view.ts'

/** Maximum number of characters of the lines that a message shows; the newest events count. */
const maxChars = 2_400

/** Renders the newest events of a timeline; its files have all of them. */
export function renderTimeline({
  where,
  since,
  entries,
  cut,
  files,
  filesRefused,
  hasPages,
}: TimelineMessage): MessageView {
  const texts = entries.map(entryText)
  let shown = 0
  for (let chars = 0; shown < texts.length; shown += 1) {
    chars += (texts.at(-1 - shown)?.length ?? 0) + 1
    if (chars > maxChars) break
  }
  const hidden = texts.length - shown
  return {
    mood: 'plain',
    title: `What happened in ${where}`,
    ...(texts.length === 0 ? { text: 'Nothing was run.' } : { output: texts.slice(hidden).join('\n') }),
    ...(hidden === 0 ? {} : { outputNote: `${count(hidden, 'earlier event')} not shown` }),
    facts: [
      `since ${since}, times in UTC · ${count(texts.length, 'event')}${cut ? '; there were more than are read' : ''}`,
      ...(files.length === 0 ? [] : [`for a post-mortem: ${files.join(', ')}`]),
      ...(filesRefused && texts.length > 0 ? [withoutFiles(hasPages)] : []),
    ],
    examples: [],
    actions: [],
  }
}

/** Says where the files of a timeline are in a chat that takes none. */
function withoutFiles(hasPages: boolean): string {
  return hasPages
    ? 'for a post-mortem: `timeline --page` has it as Markdown and JSON'
    : 'This chat takes no files: `retina-chatops audit export` has all records.'
}

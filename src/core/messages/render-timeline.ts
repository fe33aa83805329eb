import { count } from '#core/util/units'
import type { TimelineMessage } from './message.ts'
import type { MessageView } from './view.ts'

/** Maximum number of characters of the lines that a message shows; the newest events count. */
const maxChars = 2_400

/** Renders the newest events of a timeline; its files have all of them. */
export function renderTimeline({ where, since, entries, cut, files, filesRefused }: TimelineMessage): MessageView {
  const texts = entries.map(({ at, who, what, outcome, finding }) => {
    const result = [outcome, finding].filter((text) => text !== undefined).join(': ')
    const [day, time] = [at.slice(5, 10), at.slice(11, 19)]
    return `${day} ${time}  ${who}: ${what}${result === '' ? '' : `\n                → ${result}`}`
  })
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
      ...(filesRefused ? ['This chat takes no files: `retina-chatops audit export` has all records.'] : []),
    ],
    examples: [],
    actions: [],
  }
}

import { sanitise } from '#core/output/sanitise'
import type { Instant } from '#core/util/instant'

/** One event of a channel or thread. Texts are one line each, without secrets. */
export type TimelineEntry = {
  at: Instant
  kind: 'alert' | 'run' | 'fan-out' | 'triage' | 'approval' | 'session'
  who: string
  /** What was done, and where. */
  what: string
  /** How it ended, or what is open. */
  outcome?: string
  /** What it found. */
  finding?: string
  /** Id of the run, fan-out or alert. */
  id: string
}

/** Events of a channel or thread, oldest first. */
export type Timeline = {
  channel: string
  thread?: string
  since: Instant
  until: Instant
  entries: readonly TimelineEntry[]
  /** True where there were more events or records than are read. */
  cut: boolean
}

/** Returns an event as it is shown in a message and on a page: a line, and one of its result where it has that. */
export function entryText({ at, who, what, outcome, finding }: TimelineEntry): string {
  const result = [outcome, finding].filter((text) => text !== undefined).join(': ')
  const [day, time] = [at.slice(5, 10), at.slice(11, 19)]
  return `${day} ${time}  ${who}: ${what}${result === '' ? '' : `\n                → ${result}`}`
}

/** Returns the files of a timeline for a post-mortem. */
export function timelineFiles(timeline: Timeline): { name: string; text: string }[] {
  return [
    { name: 'timeline.md', text: timelineMarkdown(timeline) },
    { name: 'timeline.json', text: timelineJson(timeline) },
  ]
}

/** Returns a timeline as JSON, for programs. */
export function timelineJson(timeline: Timeline): string {
  return `${JSON.stringify(timeline, undefined, 2)}\n`
}

/** Returns a timeline as Markdown, for a post-mortem: a table whose cells can't end it or become markup. */
export function timelineMarkdown({ channel, thread, since, until, entries, cut }: Timeline): string {
  const rows = entries.map(({ at, who, what, outcome = '', finding = '', id }) =>
    [at.replace(/\.\d+Z$/, 'Z'), who, what, [outcome, finding].filter((text) => text !== '').join(': '), id].map(cell),
  )
  const where = thread === undefined ? channel : `${channel}, thread ${thread}`
  return [
    `# Timeline of ${cell(where)}`,
    '',
    `From ${since} to ${until}, times in UTC.${cut ? ' There was more than is shown here.' : ''}`,
    '',
    '| time | who | what | outcome | id |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n')
}

/** Returns a text as it is read in a cell of a Markdown table. */
function cell(text: string): string {
  return sanitise(text.replaceAll(/\s+/g, ' ')).replaceAll(/[\\`*_{}[\]<>()#+!|&~@-]/g, (mark) =>
    mark === '<' ? '&lt;' : mark === '&' ? '&amp;' : `\\${mark}`,
  )
}

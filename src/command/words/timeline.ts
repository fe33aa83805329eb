import { unitSeconds } from '#core/util/units'
import type { ParseError } from '../command.ts'
import { parseError, quoted } from '../misunderstood.ts'
import { type Token, textAt } from '../token.ts'
import type { CommandWord } from './command-word.ts'

/** Longest time back, in seconds: as long as runs are stored. */
const maxSeconds = 7 * 24 * 3_600

/** What happened in the channel or thread. `since`: seconds back; absent: a day in a channel, all of a thread. */
export type TimelineCommand = { verb: 'timeline'; since?: number }

/** Word that says what happened. */
export const timelineWords = {
  timeline: {
    parse: parseTimeline,
    does: 'acts',
    help: {
      title: 'timeline: what happened here?',
      text: [
        'Who ran what in this channel or thread, where, and what it found; with alerts, approvals and sessions.',
        'Two files are attached for the post-mortem: Markdown and JSON. At most 7 days back.',
      ].join('\n'),
      examples: [
        { command: 'timeline', about: 'the last day here; in a thread, all of it' },
        { command: 'timeline --since 3h', about: 'the last three hours' },
      ],
    },
  },
} satisfies Record<string, CommandWord>

function parseTimeline(tokens: readonly Token[]): TimelineCommand | ParseError {
  const word = textAt(tokens, 1)
  if (tokens.length === 1) return { verb: 'timeline' }
  const inline = /^--?since=(.*)$/.exec(word ?? '')?.[1]
  const given = inline ?? (word === '--since' || word === '-since' ? textAt(tokens, 2) : undefined)
  if (given === undefined || tokens.length > (inline === undefined ? 3 : 2))
    return parseError(
      'bad-value',
      '`timeline` takes nothing but `--since` and a time: 30m, 3h or 2d.',
      'timeline --since 3h',
    )
  const seconds = toSeconds(given)
  if (seconds === undefined)
    return parseError('bad-value', `${quoted(given)} is no time; use 30m, 3h or 2d, at most 7d.`, 'timeline --since 3h')
  return { verb: 'timeline', since: seconds }
}

function toSeconds(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text.toLowerCase()) ?? []
  const seconds = Number(number) * (unitSeconds[unit] ?? Number.NaN)
  return seconds > 0 && seconds <= maxSeconds ? seconds : undefined
}

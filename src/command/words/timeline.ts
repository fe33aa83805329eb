import { runRetentionSeconds } from '#core/runs/run'
import { unitSeconds } from '#core/util/units'
import { parseError, quoted } from '../misunderstood.ts'
import type { ParseError } from '../parsed-shell-command.ts'
import { type Token, textAt } from '../token.ts'
import type { CommandWord } from './command-word.ts'

/**
 * What happened in the channel or thread. `since`: seconds back; absent: a day in a channel, all of a thread. `page`: the
 * answer is a link to a page with its files.
 */
export type TimelineCommand = { verb: 'timeline'; since?: number; page?: true }

/** Word that says what happened. */
export const timelineWords = {
  timeline: {
    parse: parseTimeline,
    does: 'acts',
    help: {
      title: 'timeline: what happened here?',
      text: [
        'Who ran what in this channel or thread, where, and what it found; with alerts, approvals and sessions.',
        'Two files are attached for the post-mortem: Markdown and JSON; `--page` links to a page that has them, for chats that take no files. At most 7 days back.',
      ].join('\n'),
      examples: [
        { command: 'timeline', about: 'the last day here; in a thread, all of it' },
        { command: 'timeline --since 3h', about: 'the last three hours' },
        { command: 'timeline --page', about: 'a link to a page with the whole timeline and its files' },
      ],
    },
  },
} satisfies Record<string, CommandWord>

function parseTimeline(tokens: readonly Token[]): TimelineCommand | ParseError {
  const words = tokens.slice(1).map((_, index) => textAt(tokens, index + 1) ?? '')
  const others = words.filter((word) => !/^--?page$/.test(word))
  const command: TimelineCommand = { verb: 'timeline', ...(others.length < words.length ? { page: true } : {}) }
  const [first, second] = others
  if (first === undefined) return command
  const inline = /^--?since=(.*)$/.exec(first)?.[1]
  const given = inline ?? (/^--?since$/.test(first) ? second : undefined)
  if (given === undefined || others.length > (inline === undefined ? 2 : 1))
    return parseError(
      'bad-value',
      '`timeline` takes nothing but `--page`, and `--since` with a time: 30m, 3h or 2d.',
      'timeline --since 3h',
    )
  const seconds = toSeconds(given)
  if (seconds === undefined)
    return parseError('bad-value', `${quoted(given)} is no time; use 30m, 3h or 2d, at most 7d.`, 'timeline --since 3h')
  return { ...command, since: seconds }
}

function toSeconds(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text.toLowerCase()) ?? []
  const seconds = Number(number) * (unitSeconds[unit] ?? Number.NaN)
  return seconds > 0 && seconds <= runRetentionSeconds ? seconds : undefined
}

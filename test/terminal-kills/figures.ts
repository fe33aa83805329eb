import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { writeSection } from '#dev/write-section'
import { type Ending, type EndingsOutcome, endings } from './endings.ts'
import type { FloodOutcome } from './flood.ts'

/** Writes figures of a script between their marks in docs/reliability.md, with the day and the command. */
export function writeFigures(name: string, figures: string, script = 'terminal-kills'): void {
  const args = process.argv.slice(2).filter((each) => each !== '--write')
  const command = ['npm run', script, ...(args.length === 0 ? [] : ['--', ...args])].join(' ')
  const measured = `Measured ${new Date().toISOString().slice(0, 10)} by \`${command}\`, on ${availableParallelism()} processors.`
  writeSection(join(import.meta.dirname, '../../docs/reliability.md'), name, `${measured}\n\n${figures}`)
}

const what: Readonly<Record<Ending, string>> = {
  exit: '`exit` in the shell',
  said: '`end ID` in the chat',
  button: '**End session** on the page',
  container: 'its container killed by SIGKILL',
  pod: 'its pod deleted',
  terminal: '`end ID`, and the terminal’s process killed by SIGKILL at that moment',
  time: 'its time was up (`maxSession`)',
  idle: 'nothing typed or printed (`idle`)',
  unopened: 'its link was never used',
  away: 'its browser went away for two minutes',
  grant: 'its grant removed from `retina.yaml`',
  pause: 'all runs paused (`paused:`)',
  account: 'account deactivated in Slack',
}

/** Returns the outcome of sessions that ended in every way, as a table of Markdown. */
export function reportEndings({ ended, left }: EndingsOutcome): string {
  const rows = endings.flatMap((ending) => {
    const count = ended.filter((each) => each.ending === ending).length
    return count === 0 ? [] : [`| ${what[ending]} | ${count} |`]
  })
  return [
    `${ended.length} sessions; processes, debug pods, entries of lists and keys without an end that are left: ${left.length}.`,
    '',
    '| how it ended | sessions |',
    '|---|---|',
    ...rows,
  ].join('\n')
}

/** Returns the outcome of shells that print without end, as text of Markdown. */
export function reportFlood({ shells, seconds, bytes, quiet, flooded, away, violations }: FloodOutcome): string {
  const ended = away.map(({ endedMs }) => endedMs)
  const shown = away.reduce((sum, { shownBytes }) => sum + shownBytes, 0)
  return [
    '| | |',
    '|---|---|',
    `| output of ${shells} shells with \`yes\`, recorded and shown | ${(bytes / seconds / 1e6).toFixed(1)} MB/s for ${seconds.toFixed(0)} s |`,
    `| a command is acknowledged before that: p50, largest of ${quiet.length} | ${half(quiet)} ms, ${quiet.at(-1)} ms |`,
    `| a command is acknowledged meanwhile: p50, largest of ${flooded.length} | ${half(flooded)} ms, ${flooded.at(-1)} ms |`,
    `| Redis killed under 3 shells that print, ${away.length} times: bytes shown that aren’t recorded, or that came more than 0.1 s later | ${shown} |`,
    `| the first of them ended after it was killed: shortest, longest | ${seconds1(Math.min(...ended))}, ${seconds1(Math.max(...ended))} |`,
    '',
    `Violations: ${violations.length}.`,
  ].join('\n')
}

const half = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)]
const seconds1 = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

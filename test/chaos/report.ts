import type { Outcome } from './run.ts'

/** Renders the figures of a chaos run as Markdown. `at`: end of the run, ISO 8601. */
export function report({ seed, wanted, injected, missed, seconds, verdict }: Outcome, at: string): string {
  const happened = Object.values(injected).reduce((sum, many) => sum + many, 0)
  const { lost, duplicated, runTwice, unexpected, wrongOutput, leftPods, audit } = verdict
  const rows: [string, number][] = [
    ['commands that were accepted', verdict.accepted],
    ['commands that were refused at once, and not run', verdict.refused],
    ['commands whose bot died before it answered, so that the chat showed an error', verdict.unanswered],
    ['**lost: accepted, and no result delivered**', lost.length],
    ['**duplicated: a result delivered twice**', duplicated.length],
    ['**tools run twice**', runTwice.length],
    ['**unexpected: runs that never ended, or of refused commands**', unexpected.length],
    ['**outputs with a duplicate or missing line, or cut but marked complete**', wrongOutput.length],
    ['**debug pods left over**', leftPods.length],
    ['**mistakes in the audit log**', audit.length],
    ['messages that were left behind and replaced by a second one', verdict.secondMessages],
  ]
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, many]) => `${name} ${many}`)
      .join(', ')
  return [
    `Measured ${at.slice(0, 10)} by \`npm run chaos -- --faults ${wanted} --seed ${seed}\` in ${Math.round(seconds / 60)} minutes.`,
    '',
    `${happened} faults: ${list(injected)}.`,
    ...(missed.length === 0
      ? []
      : [`${missed.length} more could not be injected: no process reached their point in time.`]),
    '',
    '| | |',
    '|---|--:|',
    ...rows.map(([name, many]) => `| ${name} | ${many} |`),
    '',
    `Endings: ${list(verdict.ends)}.`,
    '',
  ].join('\n')
}

import type { Outcome } from './run.ts'

/** The figures of a chaos run as Markdown. `at`: when it ended, ISO 8601. */
export function report({ seed, wanted, injected, missed, seconds, verdict }: Outcome, at: string): string {
  const happened = Object.values(injected).reduce((sum, many) => sum + many, 0)
  const { lost, doubled, runTwice, strange, wrongOutput, leftPods, audit } = verdict
  const rows: [string, number][] = [
    ['commands that were accepted', verdict.accepted],
    ['commands that were refused at once, and so not run', verdict.refused],
    ['commands whose bot died over them, so that the chat told whoever asked', verdict.unanswered],
    ['**lost: accepted, and no ending told**', lost.length],
    ['**doubled: an ending told twice**', doubled.length],
    ['**tools run twice**', runTwice.length],
    ['**runs that never ended, or that nobody asked for**', strange.length],
    ['**outputs with a line twice or missing, or cut without saying so**', wrongOutput.length],
    ['**debug pods left over**', leftPods.length],
    ['**mistakes in the audit log**', audit.length],
    ['messages that stayed behind, with the command told in a second one', verdict.secondMessages],
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
      : [
          `${missed.length} more were planned and could not be made to happen: no process came to that point within some seconds.`,
        ]),
    '',
    '| | |',
    '|---|--:|',
    ...rows.map(([name, many]) => `| ${name} | ${many} |`),
    '',
    `Endings: ${list(verdict.ends)}.`,
    '',
  ].join('\n')
}

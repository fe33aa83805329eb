import type { UpgradeOutcome } from './run.ts'

/** Renders the figures of an upgrade and its rollback as Markdown. `from`: the other commit; `at`: end, ISO 8601. */
export function report(
  { phases, runs, refused, createdTwice, seconds, verdict }: UpgradeOutcome,
  { from, at }: { from: string; at: string },
): string {
  const rows: [string, number][] = [
    ...phases.map(({ name, commands }): [string, number] => [`commands sent: ${name}`, commands]),
    ['commands that were accepted', verdict.accepted],
    ['runs, each with its ending in the audit log', runs],
    ['**lost: accepted, and no result delivered**', verdict.lost.length],
    ['**duplicated: a result delivered twice**', verdict.duplicated.length],
    ['**tools run twice**, as the tools count', verdict.runTwice.length],
    ['**debug pods created twice**, by the API server’s audit log', createdTwice.length],
    ['refused, as the image was changed that people had approved', (verdict.ends['refused'] ?? 0) - refused.length],
    ['**refused, though nobody had approved an image**', refused.length],
    ['**unexpected: runs that never ended, or of refused commands**', verdict.unexpected.length],
    ['**outputs with a duplicate or missing line, or cut but marked complete**', verdict.wrongOutput.length],
    ['**debug pods left over**', verdict.leftPods.length],
    ['**mistakes in the audit log**', verdict.audit.length],
  ]
  return [
    `Measured ${at.slice(0, 10)} by \`npm run upgrade -- --from ${from}\` in ${seconds} seconds.`,
    '',
    '| | |',
    '|---|--:|',
    ...rows.map(([name, many]) => `| ${name} | ${many} |`),
    '',
    `Endings: ${Object.entries(verdict.ends)
      .map(([name, many]) => `${name} ${many}`)
      .join(', ')}.`,
    '',
  ].join('\n')
}

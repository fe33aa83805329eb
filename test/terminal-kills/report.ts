import { type FaultKind, faultKinds, type Happened, type KillsOutcome } from './run.ts'

const what: Readonly<Record<FaultKind, string>> = {
  reload: 'the page is loaded again',
  reset: 'network cut: connections closed',
  paused: 'network cut: nothing comes through, later what was sent',
  dead: 'network cut: nothing comes through any more',
  terminal: 'the terminal’s process killed by SIGKILL, another one started',
  redis: 'Redis restarted',
  'api-server': 'API server killed, started again',
  kubelet: 'kubelet restarted',
}

/** Returns the outcome as a table of Markdown. */
export function reportKills(
  { happened, sessions, bytes, lines, typed, violations }: KillsOutcome,
  seed: number,
): string {
  const rows = faultKinds.flatMap((kind) => {
    const of = happened.filter((each) => each.kind === kind)
    if (of.length === 0) return []
    const longest = Math.max(...of.map(({ awayMs }) => awayMs))
    const away = longest === 0 ? '–' : `${inSeconds(longest)} s`
    return [
      `| ${what[kind]} | ${of.length} | ${away} | ${inSeconds(quantile(of, 0.5))} s | ${inSeconds(quantile(of, 1))} s |`,
    ]
  })
  return [
    `Seed ${seed}: ${happened.length} faults in ${sessions} sessions, ${bytes.toLocaleString('en')} bytes (${lines.toLocaleString('en')} numbered lines), ${typed.toLocaleString('en')} typed lines; violations: ${violations.length}.`,
    '',
    '| fault | times | away for at most | output again after it was back: p50 | largest |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function quantile(of: readonly Happened[], share: number): number {
  const sorted = of.map(({ backMs }) => backMs).toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0
}

const inSeconds = (ms: number) => (ms / 1_000).toFixed(1)

/** One triage of a healthy node: its time, what it found, and what it asked of the cluster. */
export type Measured = {
  kind: string
  seconds: number
  fail: number
  warn: number
  good: number
  unknown: number
  creates: number
  execs: number
  requests: number
}

/** Returns the table of healthy nodes: for each kind the number of times, the worst counts and the median time. */
export function healthyTable(all: readonly Measured[]): string {
  const rows = [...Map.groupBy(all, ({ kind }) => kind)].map(([kind, own]) => {
    const most = (name: Exclude<keyof Measured, 'kind'>) => Math.max(...own.map((each) => each[name]))
    const seconds = own.map((each) => each.seconds).toSorted((one, other) => one - other)
    const median = seconds[Math.floor(seconds.length / 2)] ?? 0
    const counts = [most('fail'), most('warn'), Math.min(...own.map(({ good }) => good)), most('unknown')]
    const asked = [most('creates'), most('execs'), most('requests')]
    return `| ${[kind, own.length, ...counts, median.toFixed(1), most('seconds').toFixed(1), ...asked].join(' | ')} |`
  })
  return [
    '| node001, everything | times | failed, at most | to watch | good, at least | not looked at | seconds, median | at most | creates | execs | API requests |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

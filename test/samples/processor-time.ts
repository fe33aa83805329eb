/** Returns the processor time that some work takes, in microseconds. */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Returns the least processor time of five runs, in microseconds. */
export function leastProcessorTime(work: () => void): number {
  return Math.min(...Array.from({ length: 5 }, () => processorTime(work)))
}

/** Calls `work` now and at intervals. The timer doesn't keep the process alive. Returns the function that stops it. */
export function repeat(work: () => void, intervalMs: number): () => void {
  work()
  const timer = setInterval(work, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}

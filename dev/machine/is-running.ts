/** Returns whether this machine has a process with this id that this one may signal. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

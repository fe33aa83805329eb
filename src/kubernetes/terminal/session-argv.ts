import type { SessionStart } from '#core/ports/terminal'
import { runnerPath } from '#src/kubernetes/workload/pod-spec'

/** Returns the argv that starts a session; it reads the key of the frames as a line of base64 from its standard input. */
export function sessionCommand({
  id,
  argv,
  size,
  detachedSeconds,
  maxSeconds,
}: Omit<SessionStart, 'keyHex'>): string[] {
  return [
    ...[runnerPath, '--session', id, '--detached', String(detachedSeconds), '--max', String(maxSeconds)],
    ...['--size', `${size.cols}x${size.rows}`, '--', ...argv],
  ]
}

/** Returns the argv that connects its standard input and output with a session. */
export function attachCommand(id: string): string[] {
  return [runnerPath, '--attach', id]
}

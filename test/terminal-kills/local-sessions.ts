import { waitUntil } from '#test/flow/wait-for'
import { sessionProcess, stopAll } from '#test/shell-image/processes'

/**
 * Ends sessions on this machine, and what holds their containers. A runner that waits for somebody who wants to know
 * how its shell ended is then killed, alone, as the end of a container would.
 */
export async function stopLocalSessions(sessions: readonly string[]): Promise<void> {
  for (const id of sessions) stopAll(id)
  for (const id of sessions) {
    await waitUntil(`the container of ${id} has ended`, () => sessionProcess(id, '--hold') === undefined)
    const runner = sessionProcess(id)
    if (runner !== undefined) process.kill(runner, 'SIGKILL')
  }
}

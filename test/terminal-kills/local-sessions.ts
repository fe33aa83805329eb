import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { waitUntil } from '#test/flow/wait-for'
import { sessionProcess } from '#test/shell-image/processes'

/**
 * Ends sessions on this machine, and what holds their containers. `folder`: that of the runner. A runner that waits for somebody who wants to know
 * how its shell ended is then killed, alone, as the end of a container would.
 */
export async function stopLocalSessions(folder: string, sessions: readonly string[]): Promise<void> {
  for (const id of sessions) {
    const child = spawn(join(folder, 'retina-run'), ['--stop', id], { stdio: 'ignore' })
    await new Promise((resolve) => child.once('exit', resolve))
  }
  for (const id of sessions) {
    await waitUntil(`the container of ${id} has ended`, () => sessionProcess(id, '--hold') === undefined)
    const runner = sessionProcess(id)
    if (runner !== undefined) process.kill(runner, 'SIGKILL')
  }
}
